//! Workers for cases that run the library itself, and what they send to: memory, or a mail server that misbehaves as told.

use std::sync::Arc;
use std::time::Duration;

use countersign::demo::sink::{Sink, SinkOptions};
use countersign::domain::ids::{InvitationId, NoticeId};
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::time::SECOND;
use countersign::domain::token::MailTags;
use countersign::outbound::memory::Memory;
use countersign::outbound::sign::Signers;
use countersign::outbound::smtp::{self, Timeouts};
use countersign::outbound::transport::Transport;
use countersign::outbound::url::MailUrl;
use countersign::outbound::webhook::Client;
use countersign::storage::{notice, transport};
use countersign::telemetry::Metrics;
use countersign::worker::{Options, Summary, Until, Worker};
use countersign::workflow::deliver::Post;
use mail_parser::{Message, MessageParser};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::world::draft;
use super::{Backend, Ctx, World, wait_until};

/// Far longer than anything of a case takes.
pub(crate) const LONG: Duration = Duration::from_mins(1);
/// The domain that mails come from.
const MAIL_DOMAIN: &str = "sign.example";
/// When a mail server counts as silent.
pub(crate) const SILENCE: Duration = Duration::from_secs(1);

/// A worker that runs until it is stopped.
pub(crate) struct Running {
    stop: CancellationToken,
    task: JoinHandle<Result<Summary, countersign::storage::Error>>,
}

impl Running {
    /// Tells it to stop, as SIGTERM does.
    pub(crate) fn tell(&self) {
        self.stop.cancel();
    }

    /// Stops it and waits for its end.
    pub(crate) async fn stop(self) -> anyhow::Result<Summary> {
        self.stop.cancel();
        Ok(tokio::time::timeout(LONG, self.task).await???)
    }
}

impl World {
    /// Mail leaves this way.
    pub(crate) fn post(&self, transport: Transport) -> Arc<Post> {
        Arc::new(Post {
            transport,
            signers: Signers::default(),
            tags: MailTags::new(&self.engine.keys, MAIL_DOMAIN),
            mail_domain: MAIL_DOMAIN.to_owned(),
            from_local: "invitations".to_owned(),
        })
    }

    /// Sends all that is due into memory; returns what was sent.
    pub(crate) async fn deliver(&self) -> anyhow::Result<Vec<Mail>> {
        Ok(self.deliver_and_count().await?.1)
    }

    /// The same, with the worker's own account.
    pub(crate) async fn deliver_and_count(&self) -> anyhow::Result<(Summary, Vec<Mail>)> {
        let memory = Memory::default();
        let summary = self
            .run(&self.post(Transport::Memory(memory.clone())))
            .await?;
        let kept = memory.take().into_iter();
        let mails = kept.map(|mail| Mail::new(mail.rcpt_to, mail.bytes));
        Ok((summary, mails.collect()))
    }

    /// Sends all that is due.
    pub(crate) async fn run(&self, post: &Arc<Post>) -> anyhow::Result<Summary> {
        self.run_with(post, options()).await
    }

    pub(crate) async fn run_with(
        &self,
        post: &Arc<Post>,
        options: Options,
    ) -> anyhow::Result<Summary> {
        let worker = self.worker(post, options, CancellationToken::new());
        Ok(tokio::time::timeout(LONG, worker.run(Until::Idle)).await??)
    }

    /// Sends and calls all that is due.
    pub(crate) async fn run_calling(
        &self,
        post: &Arc<Post>,
        client: Client,
    ) -> anyhow::Result<Summary> {
        let worker = self.worker(post, options(), CancellationToken::new());
        let run = worker.calling(client).run(Until::Idle);
        Ok(tokio::time::timeout(LONG, run).await??)
    }

    /// A worker that runs beside the case, and calls as well.
    pub(crate) fn start_calling(
        &self,
        post: &Arc<Post>,
        options: Options,
        client: Client,
    ) -> Running {
        let stop = CancellationToken::new();
        let worker = self.worker(post, options, stop.clone()).calling(client);
        Running {
            stop,
            task: tokio::spawn(worker.run(Until::Stopped)),
        }
    }

    /// A worker that runs beside the case.
    pub(crate) fn start(&self, post: &Arc<Post>, options: Options) -> Running {
        let stop = CancellationToken::new();
        let worker = self.worker(post, options, stop.clone());
        Running {
            stop,
            task: tokio::spawn(worker.run(Until::Stopped)),
        }
    }

    fn worker(&self, post: &Arc<Post>, options: Options, stop: CancellationToken) -> Worker {
        let mut engine = self.engine.clone();
        // As in processes of their own: nobody is woken by another one's work.
        engine.wake = Arc::default();
        Worker::new(
            engine,
            post.clone(),
            options,
            Arc::new(Metrics::new()),
            stop,
        )
    }

    /// Invites `count` people, eight at a time; `email` names them.
    pub(crate) async fn invite_many(
        &self,
        count: usize,
        email: impl Fn(usize) -> String,
    ) -> anyhow::Result<Vec<InvitationId>> {
        use countersign::domain::audit::Actor;
        use countersign::domain::draft::Source;
        use countersign::workflow::invite::{Trigger, invite};

        let mut tasks = JoinSet::new();
        let mut all = Vec::with_capacity(count);
        for n in 0..count {
            if tasks.len() >= 8
                && let Some(done) = tasks.join_next().await
            {
                all.push(done??);
            }
            let (engine, partner, draft) = (self.engine.clone(), self.partner, draft(&email(n)));
            tasks.spawn(async move {
                let trigger = Trigger {
                    partner,
                    source: Source::Cli,
                    actor: Actor::Operator,
                    api_key: None,
                    asked_for: false,
                };
                let request = draft.check().map_err(|e| anyhow::anyhow!("{e:?}"))?;
                anyhow::Ok(invite(&engine, trigger, request).await?.id())
            });
        }
        while let Some(done) = tasks.join_next().await {
            all.push(done??);
        }
        Ok(all)
    }

    /// The notices of an invitation of one kind.
    pub(crate) async fn notices(
        &self,
        id: InvitationId,
        kind: Kind,
    ) -> anyhow::Result<Vec<notice::Notice>> {
        let mut conn = self.engine.db.read().await?;
        let mut rows = notice::of_subject(&mut conn, id.uuid()).await?;
        rows.retain(|row| row.kind == kind);
        Ok(rows)
    }

    /// The one notice of an invitation of that kind.
    pub(crate) async fn notice(
        &self,
        id: InvitationId,
        kind: Kind,
    ) -> anyhow::Result<notice::Notice> {
        let mut rows = self.notices(id, kind).await?;
        anyhow::ensure!(rows.len() == 1, "{} notices of {kind}", rows.len());
        Ok(rows.remove(0))
    }

    /// How the attempts of a notice ended, in their order; `-` for one without an end.
    pub(crate) async fn endings(&self, of: &notice::Notice) -> anyhow::Result<Vec<String>> {
        let mut conn = self.engine.db.read().await?;
        let attempts = notice::attempts_of_subject(&mut conn, of.subject_id).await?;
        let mut own: Vec<_> = attempts
            .into_iter()
            .filter(|attempt| attempt.notice_id == of.id)
            .collect();
        own.sort_by_key(|attempt| attempt.number);
        let numbered = own.iter().zip(1..).all(|(attempt, n)| attempt.number == n);
        anyhow::ensure!(numbered, "a gap: {own:?}");
        Ok(own
            .into_iter()
            .map(|attempt| attempt.outcome.unwrap_or_else(|| "-".to_owned()))
            .collect())
    }

    /// How many notices are in a state.
    pub(crate) async fn count_in(&self, state: NoticeState) -> anyhow::Result<usize> {
        let mut conn = self.engine.db.read().await?;
        let counts = notice::counts(&mut conn).await?;
        let found = counts.iter().find(|count| count.name == state.as_str());
        Ok(usize::try_from(found.map_or(0, |count| count.count))?)
    }

    /// Waits until so many notices were sent.
    pub(crate) async fn wait_for_sent(&self, count: usize) -> anyhow::Result<()> {
        let what = format!("{count} notices to be sent");
        wait_until(&what, LONG, async || {
            // The database may be away meanwhile.
            let sent = self.count_in(NoticeState::Sent).await.unwrap_or(0);
            Ok((sent >= count).then_some(()))
        })
        .await
    }

    /// The pause of the mail transport, if there is one.
    pub(crate) async fn pause(&self) -> anyhow::Result<Option<transport::Pause>> {
        let mut conn = self.engine.db.read().await?;
        Ok(transport::find(&mut conn, transport::MAIL).await?)
    }

    /// A mail server on a free port.
    pub(crate) async fn server(&self, options: SinkOptions) -> anyhow::Result<Sink> {
        let any = ([127, 0, 0, 1], 0).into();
        Ok(Sink::start(any, options, self.clock.clone(), CancellationToken::new()).await?)
    }

    /// A mail server, and the post to it.
    pub(crate) async fn server_and_post(&self) -> anyhow::Result<(Sink, Arc<Post>)> {
        let sink = self.server(SinkOptions::default()).await?;
        let post = self.post(smtp(&format!("smtp://{}", sink.address()))?);
        Ok((sink, post))
    }
}

/// SMTP to a server that counts as silent after a second.
pub(crate) fn smtp(url: &str) -> anyhow::Result<Transport> {
    let options = smtp::Options {
        timeouts: Timeouts {
            quit: Duration::from_millis(200),
            ..Timeouts::all(SILENCE)
        },
        ..smtp::Options::default()
    };
    Ok(Transport::open(url.parse::<MailUrl>()?, &options)?)
}

/// A worker's options: it looks often, as the case moves its clock.
pub(crate) fn options() -> Options {
    Options {
        name: "test".to_owned(),
        lease: 20 * SECOND,
        renew: Duration::from_secs(5),
        poll: Duration::from_millis(50),
        ..Options::default()
    }
}

/// A mail that left.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) bytes: Vec<u8>,
}

impl Mail {
    pub(crate) fn new(to: String, bytes: Vec<u8>) -> Self {
        Self { to, bytes }
    }

    pub(crate) fn parsed(&self) -> Message<'_> {
        MessageParser::default().parse(&self.bytes).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let message = self.parsed();
        Some(message.header_raw(name)?.trim().to_owned())
    }

    pub(crate) fn text(&self) -> String {
        self.parsed().body_text(0).unwrap().into_owned()
    }

    pub(crate) fn html(&self) -> String {
        self.parsed().body_html(0).unwrap().into_owned()
    }

    /// The notice that it is.
    pub(crate) fn notice(&self) -> NoticeId {
        let message = self.parsed();
        let id = message.message_id().unwrap();
        id.split_once('@').unwrap().0.parse().unwrap()
    }

    /// All that a reader or a program could take out of it: the source, and each part and header decoded.
    pub(crate) fn everything(&self) -> String {
        let source = String::from_utf8_lossy(&self.bytes).into_owned();
        let unfolded = source.replace("\r\n ", "").replace("\r\n\t", "");
        // Quoted-printable breaks lines with `=`.
        let joined = source.replace("=\r\n", "");
        let subject = self.parsed().subject().unwrap_or_default().to_owned();
        [source, unfolded, joined, subject, self.text(), self.html()].join("\n\n")
    }
}

/// The tokens of links in a text: runs of 86 or more characters of base64url.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .filter(|run| run.len() >= 86)
        .map(str::to_owned)
        .collect()
}

impl Ctx {
    /// The number that a statement gives, read behind the program's back.
    pub(crate) async fn number(&self, statement: &'static str) -> anyhow::Result<i64> {
        use sqlx::Connection as _;
        Ok(match self.backend() {
            Backend::Sqlite => {
                let mut connection = sqlx::SqliteConnection::connect(self.database_url()).await?;
                sqlx::query_scalar(statement)
                    .fetch_one(&mut connection)
                    .await?
            }
            Backend::Postgres => {
                let mut connection = sqlx::PgConnection::connect(self.database_url()).await?;
                sqlx::query_scalar(statement)
                    .fetch_one(&mut connection)
                    .await?
            }
        })
    }
}
