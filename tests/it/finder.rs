//! Find a partner: profiles and their search, the same on both databases.

mod asking;
mod judged;
mod mails;
mod town;

use countersign::domain::profile::Draft;
use countersign::domain::search::Query;
use countersign::domain::time::SECOND;
use countersign::workflow::profile::{self, A_PAGE, ProfileError};

use crate::harness::office::Mail;
use crate::harness::{Case, Ctx, Outcome, World, case};
pub(crate) use town::{Town, settle_all};

pub(crate) fn cases() -> Vec<Case> {
    [
        case!(a_profile_is_found_only_while_it_is_published),
        case!(a_changed_profile_is_found_by_its_new_words_alone),
        case!(pages_of_results_neither_repeat_nor_leave_out),
        case!(filters_narrow_what_words_find),
        case!(what_cannot_be_published_is_refused_in_words),
    ]
    .into_iter()
    .chain(judged::cases())
    .chain(asking::cases())
    .chain(mails::cases())
    .map(Case::on_each_database)
    .collect()
}

/// The path of the link in a mail that begins so.
pub(crate) fn mailed_path(mail: &Mail, start: &str) -> Option<String> {
    let text = mail.text();
    let from = text.find(&format!("https://sign.example{start}"))?;
    let path = text[from..].split_whitespace().next()?;
    Some(path.trim_start_matches("https://sign.example").to_owned())
}

async fn names(world: &World, query: &Query) -> anyhow::Result<Vec<String>> {
    let found = profile::search(&world.engine, query, 1).await?;
    let names = found.matches.into_iter().map(|it| it.partner.handle);
    Ok(names.collect())
}

fn draft(description: &str) -> Draft {
    Draft {
        locations: vec!["KR:서울".to_owned()],
        sizes: vec!["10-49".to_owned()],
        services: vec!["Microsoft 365".to_owned()],
        languages: vec!["ko".to_owned()],
        description: description.to_owned(),
    }
}

async fn a_profile_is_found_only_while_it_is_published(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let query = Query::of_words("보안")?;
    let nobody: [&str; 0] = [];
    profile::set(&world.engine, world.partner, &draft("보안을 봅니다.")).await?;
    assert_eq!(names(&world, &query).await?, nobody);
    assert_eq!(ctx.number("SELECT count(*) FROM profile_term").await?, 0);
    assert!(profile::publish(&world.engine, world.partner).await?);
    assert!(
        !profile::publish(&world.engine, world.partner).await?,
        "twice"
    );
    assert_eq!(names(&world, &query).await?, ["hanbit"]);
    assert_eq!(names(&world, &Query::default()).await?, ["hanbit"]);
    assert!(profile::withdraw(&world.engine, world.partner).await?);
    assert!(
        !profile::withdraw(&world.engine, world.partner).await?,
        "twice"
    );
    assert_eq!(names(&world, &query).await?, nobody);
    assert_eq!(names(&world, &Query::default()).await?, nobody);
    let events = "SELECT count(*) FROM event WHERE kind LIKE 'profile.%'";
    assert_eq!(ctx.number(events).await?, 3);
    Ok(())
}

async fn a_changed_profile_is_found_by_its_new_words_alone(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let set = async |text| profile::set(&world.engine, world.partner, &draft(text)).await;
    set("보안을 봅니다.").await?;
    profile::publish(&world.engine, world.partner).await?;
    set("교육을 합니다.").await?;
    assert_eq!(names(&world, &Query::of_words("교육")?).await?, ["hanbit"]);
    assert!(names(&world, &Query::of_words("보안")?).await?.is_empty());
    Ok(())
}

async fn pages_of_results_neither_repeat_nor_leave_out(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let mut all = Vec::new();
    for index in 0..23 {
        world.pass(SECOND);
        let id = world.another_partner(&format!("p-{index:02}")).await?;
        profile::set(&world.engine, id, &draft("같은 말")).await?;
        profile::publish(&world.engine, id).await?;
        all.push(id);
    }
    for query in [Query::of_words("같은")?, Query::default()] {
        let mut seen = Vec::new();
        for page in 1..=4 {
            let found = profile::search(&world.engine, &query, page).await?;
            assert_eq!(found.all, if page < 4 { 23 } else { 0 });
            assert!(found.matches.len() <= usize::try_from(A_PAGE)?);
            seen.extend(found.matches.iter().map(|it| it.partner.id));
        }
        assert_eq!(
            seen, all,
            "who says the same stands in the order of the ids"
        );
    }
    for page in [i64::MIN, -1, 0] {
        let found = profile::search(&world.engine, &Query::default(), page).await?;
        assert_eq!(found.matches[0].partner.id, all[0]);
    }
    let beyond = profile::search(&world.engine, &Query::default(), i64::MAX).await?;
    assert!(beyond.matches.is_empty());
    Ok(())
}

async fn filters_narrow_what_words_find(ctx: &Ctx) -> Outcome {
    let town = Town::new(ctx).await?;
    let world = &town.world;
    let words = || Query::of_words("Microsoft 365");
    let everybody = names(world, &words()?).await?;
    for (query, expected) in [
        (words()?.at("부산")?, &["haedong"][..]),
        (words()?.at("Bristol")?, &["harbour"][..]),
        (words()?.at("bristo")?, &["harbour"][..]),
        (words()?.at("일본")?, &["sakura"][..]),
        (
            words()?.at("Germany")?.with("language", "en"),
            &["rheinblick"][..],
        ),
        (
            Query::default().at("영국")?.with("size", "1000+"),
            &["northgate", "redkite"][..],
        ),
        (Query::default().with("language", "ja"), &["sakura"][..]),
        (
            Query::default().at("강남")?.with("size", "1-9"),
            &["maru"][..],
        ),
        (words()?.at("Atlantis")?, &[]),
        (words()?.with("size", "10-4"), &[]),
        (words()?.with("language", "'; DROP TABLE profile; --"), &[]),
    ] {
        assert_eq!(names(world, &query).await?, expected, "{query:?}");
    }
    assert!(everybody.len() > 3, "{everybody:?}");
    // A place that says nothing is no filter.
    assert_eq!(names(world, &words()?.at(" … ")?).await?, everybody);
    Ok(())
}

async fn what_cannot_be_published_is_refused_in_words(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let none = profile::publish(&world.engine, world.partner).await;
    assert!(matches!(none, Err(ProfileError::None)), "{none:?}");
    let none = profile::withdraw(&world.engine, world.partner).await;
    assert!(matches!(none, Err(ProfileError::None)), "{none:?}");
    let refused = profile::set(&world.engine, world.partner, &draft("https://x.example")).await;
    assert!(matches!(&refused, Err(ProfileError::Fields(fields)) if fields.len() == 1));
    let unknown = uuid::Uuid::from_u128(1).into();
    let nobody = profile::set(&world.engine, unknown, &draft("아무도 없음")).await;
    assert!(matches!(nobody, Err(ProfileError::NoPartner)), "{nobody:?}");
    Ok(())
}
