//! What a partner says of itself to businesses that look for one, as it is stored, searched and shown.

use super::draft::{Errors, FieldError};
use super::language::Language;
use super::search;
use super::text::{Content, Policy, texts};
use super::words::words;

words! {
    /// How many people work for an organization.
    OrganizationSize, "organization size" {
        /// 1 to 9.
        UpTo9 = "1-9",
        /// 10 to 49.
        UpTo49 = "10-49",
        /// 50 to 249.
        UpTo249 = "50-249",
        /// 250 to 999.
        UpTo999 = "250-999",
        /// 1,000 and more.
        From1000 = "1000+",
    }
}

texts! {
    /// A region, a city or a district, of at most 80 characters.
    PlaceName = Policy { what: "the place", max: 80, lines: 1, content: Content::Readable };
    /// What a partner does, in a few words of at most 40 characters.
    Service = Policy { what: "the service", max: 40, lines: 1, content: Content::Readable };
    /// What a partner says of itself: at most 1,000 characters and 20 lines, without links.
    Description = Policy { what: "the description", max: 1000, lines: 20, content: Content::Unlinked };
}

/// Where a partner works: a country, or a place in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// ISO 3166-1 alpha-2, in capitals.
    country: String,
    /// Region, city or district; the whole country where there is none.
    name: Option<PlaceName>,
}

/// A text that is no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// No code of a country.
    #[error(
        "a place begins with the two letters of its country (ISO 3166), such as KR or KR:서울 or GB:Bristol"
    )]
    Country,
    /// The rest of it.
    #[error(transparent)]
    Name(#[from] super::text::TextError),
}

/// What people call countries, beside their code: Korean and English names that a search may say.
const COUNTRIES: &[(&str, &str)] = &[
    ("AE", "United Arab Emirates 아랍에미리트"),
    ("AT", "Austria 오스트리아"),
    ("AU", "Australia 호주 오스트레일리아"),
    ("BE", "Belgium 벨기에"),
    ("BR", "Brazil 브라질"),
    ("CA", "Canada 캐나다"),
    ("CH", "Switzerland 스위스"),
    ("CN", "China 중국"),
    ("CZ", "Czechia 체코"),
    ("DE", "Germany 독일"),
    ("DK", "Denmark 덴마크"),
    ("ES", "Spain 스페인"),
    ("FI", "Finland 핀란드"),
    ("FR", "France 프랑스"),
    ("GB", "United Kingdom UK Britain 영국"),
    ("HK", "Hong Kong 홍콩"),
    ("ID", "Indonesia 인도네시아"),
    ("IE", "Ireland 아일랜드"),
    ("IL", "Israel 이스라엘"),
    ("IN", "India 인도"),
    ("IT", "Italy 이탈리아"),
    ("JP", "Japan 일본"),
    ("KR", "South Korea 대한민국 한국"),
    ("MX", "Mexico 멕시코"),
    ("MY", "Malaysia 말레이시아"),
    ("NL", "Netherlands 네덜란드"),
    ("NO", "Norway 노르웨이"),
    ("NZ", "New Zealand 뉴질랜드"),
    ("PH", "Philippines 필리핀"),
    ("PL", "Poland 폴란드"),
    ("PT", "Portugal 포르투갈"),
    ("SA", "Saudi Arabia 사우디아라비아"),
    ("SE", "Sweden 스웨덴"),
    ("SG", "Singapore 싱가포르"),
    ("TH", "Thailand 태국"),
    ("TR", "Türkiye Turkey 튀르키예 터키"),
    ("TW", "Taiwan 대만"),
    ("US", "United States USA America 미국"),
    ("VN", "Vietnam 베트남"),
    ("ZA", "South Africa 남아프리카공화국"),
];

impl Place {
    /// ISO 3166-1 alpha-2, in capitals.
    pub fn country(&self) -> &str {
        &self.country
    }

    /// As it is written to be read by `FromStr`: `KR:서울`.
    pub fn as_written(&self) -> String {
        match &self.name {
            Some(name) => format!("{}:{}", self.country, name.as_str()),
            None => self.country.clone(),
        }
    }

    /// All that a search for this place may say: the code, what people call the country, the name.
    fn searched(&self) -> String {
        let known = COUNTRIES.iter().find(|(code, _)| *code == self.country);
        let called = known.map_or("", |(_, called)| called);
        let name = self.name.as_ref().map_or("", PlaceName::as_str);
        format!("{} {called} {name}", self.country)
    }
}

/// As people read it: `서울 (KR)`, `KR`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} ({})", name.as_str(), self.country),
            None => f.write_str(&self.country),
        }
    }
}

impl std::str::FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let (country, name) = match text.trim().split_once(':') {
            Some((country, name)) => (country.trim(), Some(name.parse()?)),
            None => (text.trim(), None),
        };
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(PlaceError::Country);
        }
        Ok(Self {
            country: country.to_ascii_uppercase(),
            name,
        })
    }
}

/// The most places, and the most services, of one profile.
const MOST: usize = 20;
/// The most languages.
const MOST_LANGUAGES: usize = 10;

/// A profile in words.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// `KR`, `KR:서울`.
    pub locations: Vec<String>,
    /// `1-9`, `10-49` ….
    pub sizes: Vec<String>,
    /// A few words each.
    pub services: Vec<String>,
    /// BCP 47.
    pub languages: Vec<String>,
    /// Plain text.
    pub description: String,
}

/// A profile whose every field holds.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Where it works.
    pub locations: Vec<Place>,
    /// For organizations of which size.
    pub sizes: Vec<OrganizationSize>,
    /// What it does.
    pub services: Vec<Service>,
    /// In which languages.
    pub languages: Vec<Language>,
    /// In its own words.
    pub description: Description,
}

impl Draft {
    /// Reads every field.
    ///
    /// # Errors
    /// Each field that does not hold, with what to do.
    pub fn check(&self) -> Result<Profile, Vec<FieldError>> {
        let mut errors = Errors::default();
        let locations = list(&mut errors, "location", &self.locations, MOST);
        let mut sizes = list(
            &mut errors,
            "size",
            &self.sizes,
            OrganizationSize::ALL.len(),
        );
        sizes.sort_unstable();
        let services = list(&mut errors, "service", &self.services, MOST);
        let languages = list(&mut errors, "language", &self.languages, MOST_LANGUAGES);
        let description = errors.keep("description", self.description.parse());
        match description {
            Some(description) if errors.0.is_empty() => Ok(Profile {
                locations,
                sizes,
                services,
                languages,
                description,
            }),
            _ => Err(errors.0),
        }
    }
}

/// The values of a field that may be given more than once, each once, in their order; at least one.
fn list<T>(errors: &mut Errors, field: &'static str, texts: &[String], most: usize) -> Vec<T>
where
    T: std::str::FromStr + PartialEq,
    T::Err: std::fmt::Display,
{
    let mut values = Vec::new();
    if texts.is_empty() {
        errors.keep::<(), _>(field, Err("there is none: name at least one"));
    }
    for text in texts {
        if let Some(value) = errors.keep(field, text.parse::<T>())
            && !values.contains(&value)
        {
            values.push(value);
        }
    }
    if values.len() > most {
        let message = format!("there are more than {most}: leave out those that matter least");
        errors.keep::<(), _>(field, Err(message));
    }
    values
}

/// The kind of term that stands for a size.
pub const SIZE: &str = "size";
/// The kind of term that stands for a language.
pub const LANGUAGE: &str = "language";

impl Profile {
    /// What it is found by: each term with its weight. `name` is the partner's.
    pub fn terms(&self, name: &str) -> Vec<(String, i64)> {
        let places: Vec<_> = self.locations.iter().map(Place::searched).collect();
        let mut fields = vec![(4, name), (1, self.description.as_str())];
        fields.extend(self.services.iter().map(|it| (3, it.as_str())));
        fields.extend(places.iter().map(|it| (2, it.as_str())));
        let mut terms = search::weigh(fields);
        let sizes = self.sizes.iter().map(|it| search::facet(SIZE, it.as_str()));
        let languages = self.languages.iter();
        let languages = languages.map(|it| search::facet(LANGUAGE, it.primary()));
        let places = places.iter().flat_map(|place| search::place_terms(place));
        let every = [search::EVERY.to_owned()];
        for term in sizes.chain(languages).chain(places).chain(every) {
            terms.insert(term, 0);
        }
        terms.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    fn draft() -> Draft {
        Draft {
            locations: texts(&["KR:서울 강남구", "kr"]),
            sizes: texts(&["50-249", "10-49", "10-49"]),
            services: texts(&["Microsoft 365 이전", "보안 점검"]),
            languages: texts(&["ko", "en-GB"]),
            description: "중소기업의 업무 환경을 옮기고 돌봅니다.".to_owned(),
        }
    }

    #[test]
    fn a_profile_is_found_by_its_words_places_sizes_and_languages() {
        let profile = draft().check().unwrap();
        assert_eq!(
            profile.sizes,
            [OrganizationSize::UpTo49, OrganizationSize::UpTo249]
        );
        assert_eq!(profile.locations[0].to_string(), "서울 강남구 (KR)");
        assert_eq!(profile.locations[1].to_string(), "KR");
        for place in &profile.locations {
            assert_eq!(&place.as_written().parse::<Place>().unwrap(), place);
        }
        let terms = profile.terms("한빛테크");
        let weight = |term: &str| terms.iter().find(|(known, _)| known == term).map(|it| it.1);
        for facet in [
            "/",
            "/size/10-49",
            "/language/en",
            "/place/kr",
            "/place/한국",
            "/place/강남",
        ] {
            assert_eq!(weight(facet), Some(0), "{facet}");
        }
        assert!(weight("한빛") > weight("보안"), "a name counts more");
        assert!(weight("보안") > weight("환경"), "a service counts more");
        assert_eq!(weight("/size/1-9"), None);
        let json = serde_json::to_string(&profile).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&json).unwrap(), profile);
    }

    #[test]
    fn each_field_that_does_not_hold_is_named() {
        let errors = Draft {
            locations: texts(&["Korea", "KR:\u{202e}"]),
            sizes: texts(&["many"]),
            services: (0..21).map(|n| format!("service {n}")).collect(),
            languages: Vec::new(),
            description: "look at www.example.com".to_owned(),
        }
        .check()
        .unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
        assert_eq!(
            fields,
            [
                "location",
                "location",
                "size",
                "service",
                "language",
                "description"
            ]
        );
        assert_eq!(
            errors[2].message,
            "`many` is no organization size: take one of 1-9, 10-49, 50-249, 250-999, 1000+"
        );
    }

    #[test]
    fn countries_stand_once_and_in_order() {
        let codes: Vec<_> = COUNTRIES.iter().map(|(code, _)| code).collect();
        assert!(codes.is_sorted_by(|left, right| left < right), "{codes:?}");
    }
}
