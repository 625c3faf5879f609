use super::*;
use crate::outbound::url::MailUrl;
use secrecy::ExposeSecret as _;

const DOMAIN: (&str, &str) = ("COUNTERSIGN_MAIL_DOMAIN", "mail.example.com");

/// Loads from the environment alone; no file of this name exists.
fn load<const N: usize>(variables: [(&str, &str); N]) -> Result<Config, ConfigError> {
    let mut all = vec![DOMAIN];
    all.extend(variables);
    let file = file("");
    Config::load(Some(file.path()), &environment(&all))
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables
        .iter()
        .fold(Environment::default(), |env, (name, value)| {
            env.with(name, value)
        })
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

/// Loads a file, with the mail domain in the environment; the refusal names the file `F`.
fn load_file(text: &str) -> Result<Config, String> {
    let file = file(text);
    Config::load(Some(file.path()), &environment(&[DOMAIN])).map_err(|error| {
        error
            .to_string()
            .replace(&file.path().display().to_string(), "F")
    })
}

fn refusal<const N: usize>(variables: [(&str, &str); N]) -> String {
    load(variables).unwrap_err().to_string()
}

#[test]
fn the_defaults_are_those_of_the_documents() {
    let config = load([]).unwrap();
    assert_eq!(config.database_url.to_string(), "sqlite://countersign.db");
    assert!(config.database_url.is_sqlite() && !config.pooled);
    assert_eq!(config.public_url.origin(), "http://127.0.0.1:8080");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.admin_listen.to_string(), "127.0.0.1:8081");
    assert!(config.trusted_proxies.is_empty() && config.scanner_networks.is_empty());
    assert_eq!(config.keys_file, Path::new("countersign.keys"));
    assert_eq!(
        (config.language.as_str(), config.time_zone.iana_name()),
        ("en", Some("UTC"))
    );
    assert_eq!(config.mail.from_local, "invitations");
    assert_eq!(
        (config.mail.connections, config.mail.mails_per_connection),
        (32, 100)
    );
    assert_eq!(config.mail.greeting_name().as_str(), "mail.example.com");
    assert_eq!(config.mail.dot_timeout_seconds, 600);
    assert!(config.mail.dkim.is_empty());
    assert_eq!(
        (config.queue.lease_seconds, config.queue.renew_seconds),
        (45, 15)
    );
    assert_eq!((config.queue.batch, config.queue.poll_seconds), (200, 5));
    assert_eq!(
        (
            config.queue.domain_rate_per_minute,
            config.queue.give_up_days
        ),
        (None, 5)
    );
    assert_eq!(config.invitation.expires_days, 30);
    assert_eq!(config.invitation.reminders, [3, 7]);
    assert_eq!(
        (config.log.format, config.log.level.as_str()),
        (LogFormat::Text, "info")
    );
}

#[test]
fn every_setting_has_a_variable_named_after_it() {
    let leaves = layers::leaves();
    assert!(leaves.len() >= 37, "{}", leaves.len());
    for leaf in leaves {
        let (section, name) = leaf.field.rsplit_once('.').unwrap_or(("", &leaf.field));
        let section = if name.starts_with("smtp_") {
            ""
        } else {
            section
        };
        let expected = format!("COUNTERSIGN_{section}_{name}")
            .to_uppercase()
            .replace("__", "_");
        assert_eq!(leaf.variable, expected);
    }
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
    let file =
        file("listen = \"127.0.0.1:1\"\nadmin_listen = \"127.0.0.1:2\"\n[mail]\nconnections = 5\n");
    let env = environment(&[
        DOMAIN,
        ("COUNTERSIGN_LISTEN", "[::1]:3"),
        ("COUNTERSIGN_ADMIN_LISTEN", ""),
    ]);
    let config = Config::load(Some(file.path()), &env).unwrap();
    assert_eq!(config.listen.to_string(), "[::1]:3");
    assert_eq!(config.admin_listen.to_string(), "127.0.0.1:2");
    assert_eq!((config.mail.connections, config.queue.batch), (5, 200));
    let named = env.with("COUNTERSIGN_CONFIG", &file.path().display().to_string());
    assert_eq!(Config::load(None, &named).unwrap().mail.connections, 5);
}

#[test]
fn values_of_every_kind_come_from_the_environment() {
    let config = load([
        ("COUNTERSIGN_POOLED", "true"),
        (
            "COUNTERSIGN_DATABASE_URL",
            "postgres://c:p,w@a.test/db,postgres://c:pw@b.test/db",
        ),
        (
            "COUNTERSIGN_TRUSTED_PROXIES",
            "10.1.2.3/8, ::1,::ffff:172.16.0.1/108",
        ),
        ("COUNTERSIGN_SCANNER_NETWORKS", "192.0.2.0/24"),
        ("COUNTERSIGN_TIME_ZONE", "Asia/Seoul"),
        ("COUNTERSIGN_MAIL_EHLO_NAME", "Relay.Example.COM"),
        ("COUNTERSIGN_QUEUE_DOMAIN_RATE_PER_MINUTE", "60"),
        ("COUNTERSIGN_INVITATION_REMINDERS", "3,10,20"),
        ("COUNTERSIGN_LOG_FORMAT", "json"),
        (
            "COUNTERSIGN_MAIL_DKIM",
            r#"[{ domain = "example.com", selector = "s1", key_file = "k.pem" }]"#,
        ),
    ])
    .unwrap();
    assert!(config.pooled);
    assert_eq!(config.database_url.all().len(), 2);
    assert_eq!(
        config.database_url.all()[0].expose(),
        "postgres://c:p,w@a.test/db"
    );
    let proxies: Vec<String> = config
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(proxies, ["10.0.0.0/8", "::1/128", "172.16.0.0/12"]);
    assert_eq!(config.scanner_networks, ["192.0.2.0/24".parse().unwrap()]);
    assert_eq!(config.time_zone.iana_name(), Some("Asia/Seoul"));
    assert_eq!(config.mail.greeting_name().as_str(), "relay.example.com");
    assert_eq!(config.queue.domain_rate_per_minute, Some(60));
    assert_eq!(config.invitation.reminders, [3, 10, 20]);
    assert_eq!(
        load([("COUNTERSIGN_INVITATION_REMINDERS", "5")])
            .unwrap()
            .invitation
            .reminders,
        [5]
    );
    assert!(
        load([("COUNTERSIGN_INVITATION_REMINDERS", "[]")])
            .unwrap()
            .invitation
            .reminders
            .is_empty()
    );
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.mail.dkim[0].key_file, Path::new("k.pem"));
}

/// Setting, value, a part of the message.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "DATABASE_URL",
        "mysql://x/y",
        "database_url (from COUNTERSIGN_DATABASE_URL) is not accepted: use sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE",
    ),
    ("DATABASE_URL", "sqlite://", "name the file"),
    ("DATABASE_URL", "postgres://host", "name the database"),
    (
        "DATABASE_URL",
        "sqlite://a,postgres://b/c",
        "SQLite is one file",
    ),
    (
        "POOLED",
        "maybe",
        "pooled (from COUNTERSIGN_POOLED) must be true or false",
    ),
    (
        "DATABASE_CONNECTIONS",
        "0",
        "database_connections (from COUNTERSIGN_DATABASE_CONNECTIONS) must be between 1 and 500, and is 0",
    ),
    (
        "DATABASE_CONNECTIONS",
        "-1",
        "database_connections (from COUNTERSIGN_DATABASE_CONNECTIONS) must be a whole number, 0 or more",
    ),
    ("PUBLIC_URL", "example.com", "use the form https://HOST"),
    ("PUBLIC_URL", "ftp://example.com", "use https://"),
    ("PUBLIC_URL", "https://example.com/pages", "without path"),
    (
        "PUBLIC_URL",
        "https://example.com/?a=b",
        "without path, query",
    ),
    ("PUBLIC_URL", "https://me:pw@example.com", "no password"),
    (
        "PUBLIC_URL",
        "http://example.com",
        "use https://: a link is worth a signature",
    ),
    (
        "LISTEN",
        "8080",
        "listen (from COUNTERSIGN_LISTEN) must be an address and a port, as 127.0.0.1:8080",
    ),
    (
        "ADMIN_LISTEN",
        "127.0.0.1:8080",
        "admin_listen (from COUNTERSIGN_ADMIN_LISTEN) must differ from `listen`",
    ),
    (
        "TRUSTED_PROXIES",
        "10.0.0.0/33",
        "trusted_proxies (from COUNTERSIGN_TRUSTED_PROXIES) is not accepted: number 1 of its networks is no address and no network",
    ),
    (
        "TRUSTED_PROXIES",
        "10.0.0.0/8, proxy.example",
        "number 2 of its networks is no address and no network: write 10.0.0.5, 10.0.0.0/8 or fd00::/8",
    ),
    ("TRUSTED_PROXIES", "0.0.0.0/0", "holds every address"),
    ("TRUSTED_PROXIES", "::/0", "holds every address"),
    ("TRUSTED_PROXIES", "::ffff:0:0/96", "holds every address"),
    (
        "LANGUAGE",
        "???",
        "language (from COUNTERSIGN_LANGUAGE) must be a BCP 47 language tag",
    ),
    (
        "TIME_ZONE",
        "Mars/Olympus",
        "time_zone (from COUNTERSIGN_TIME_ZONE) is not accepted: use a name of the IANA database",
    ),
    (
        "MAIL_DOMAIN",
        "https://example.com",
        "mail.domain (from COUNTERSIGN_MAIL_DOMAIN) is not accepted: use a host name",
    ),
    ("MAIL_DOMAIN", "127.0.0.1", "use a host name"),
    (
        "MAIL_FROM_LOCAL",
        "a b",
        "mail.from_local (from COUNTERSIGN_MAIL_FROM_LOCAL) must be the part",
    ),
    ("MAIL_FROM_LOCAL", "a\r\nBcc: x", "must be the part"),
    (
        "MAIL_CONNECTIONS",
        "1001",
        "mail.connections (from COUNTERSIGN_MAIL_CONNECTIONS) must be between 1 and 1000, and is 1001",
    ),
    (
        "MAIL_MAILS_PER_CONNECTION",
        "0",
        "must be between 1 and 100000",
    ),
    (
        "MAIL_CONNECTION_IDLE_SECONDS",
        "301",
        "must be between 1 and 300",
    ),
    (
        "MAIL_DOT_TIMEOUT_SECONDS",
        "0",
        "mail.dot_timeout_seconds (from COUNTERSIGN_MAIL_DOT_TIMEOUT_SECONDS) must be between",
    ),
    (
        "MAIL_DKIM",
        "[{ domain = \"example.com\" }]",
        "mail.dkim (from COUNTERSIGN_MAIL_DKIM) is not accepted: missing field `selector`",
    ),
    ("QUEUE_LEASE_SECONDS", "1", "must be between 2 and 600"),
    (
        "QUEUE_RENEW_SECONDS",
        "23",
        "queue.renew_seconds (from COUNTERSIGN_QUEUE_RENEW_SECONDS) must be at most half of queue.lease_seconds (45)",
    ),
    (
        "QUEUE_BATCH",
        "ten",
        "queue.batch (from COUNTERSIGN_QUEUE_BATCH) must be a whole number, 0 or more",
    ),
    ("QUEUE_BATCH", "0", "must be between 1 and 1000"),
    ("QUEUE_POLL_SECONDS", "0", "must be between 1 and 3600"),
    ("QUEUE_DOMAIN_IN_FLIGHT", "0", "must be between 1 and 1000"),
    (
        "QUEUE_DOMAIN_RATE_PER_MINUTE",
        "0",
        "must be between 1 and 1000000",
    ),
    ("QUEUE_GIVE_UP_DAYS", "31", "must be between 1 and 30"),
    (
        "INVITATION_EXPIRES_DAYS",
        "91",
        "must be between 1 and 90, and is 91",
    ),
    (
        "INVITATION_REMINDERS",
        "7,7",
        "invitation.reminders (from COUNTERSIGN_INVITATION_REMINDERS) must be in rising order",
    ),
    ("INVITATION_REMINDERS", "0", "must be between 1 and 90"),
    (
        "INVITATION_REMINDERS",
        "1,2,3,4,5,6,7,8,9,10,11",
        "must not be more than 10",
    ),
    (
        "LOG_FORMAT",
        "xml",
        "log.format (from COUNTERSIGN_LOG_FORMAT) must be `text` or `json`",
    ),
    (
        "LOG_LEVEL",
        "info,=,",
        "log.level (from COUNTERSIGN_LOG_LEVEL) must be error, warn",
    ),
    (
        "LOG_LEVEL",
        "inof",
        "log.level (from COUNTERSIGN_LOG_LEVEL) must be error, warn, info, debug, trace or off, and after that, without \
         blanks, levels of single modules, as in `info,countersign::worker=debug`",
    ),
    ("LOG_LEVEL", "countersing=debug", "must be error, warn"),
    ("LOG_LEVEL", "info,countersign", "must be error, warn"),
    (
        "LOG_LEVEL",
        "info, countersign=debug",
        "must be error, warn",
    ),
    ("LOG_LEVEL", "info,[span{x=1}]=debug", "must be error, warn"),
    ("LOG_LEVEL", "\u{3000}a", "must be error, warn"),
    ("LOG_LEVEL", "3", "must be error, warn"),
];

#[test]
fn a_wrong_value_names_its_field_and_variable() {
    for (name, value, expected) in WRONG {
        let message = refusal([(&format!("COUNTERSIGN_{name}"), value)]);
        assert!(message.contains(expected), "{name}={value}: {message}");
    }
}

#[test]
fn a_wrong_value_in_the_file_names_the_file() {
    let message = load_file("[mail]\nconnections = 0\n").unwrap_err();
    assert_eq!(
        message,
        "mail.connections (from F) must be between 1 and 1000, and is 0"
    );
    let message = load_file("[queue]\nbatch = \"many\"\n").unwrap_err();
    assert!(
        message.starts_with("queue.batch (from F) must be a whole number"),
        "{message}"
    );
    let twice = "[[mail.dkim]]\ndomain = \"a.test\"\nselector = \"s\"\nkey_file = \"k\"\n";
    let message = load_file(&twice.repeat(2)).unwrap_err();
    assert_eq!(message, "mail.dkim (from F) has selector s of a.test twice");
    assert_eq!(load_file(twice).unwrap().mail.dkim.len(), 1);
}

#[test]
fn a_name_that_is_no_setting_is_refused_with_a_hint() {
    let message = load_file("[mail]\nconections = 5\n").unwrap_err();
    assert_eq!(
        message,
        "mail.conections in F is no setting; did you mean mail.connections?"
    );
    let message = load_file("smtp_url = \"smtp://127.0.0.1\"\n").unwrap_err();
    assert_eq!(
        message,
        "smtp_url in F is no setting; did you mean mail.smtp_url?"
    );
    let message = load_file("[kubernetes]\nx = 1\n").unwrap_err();
    assert!(
        message.starts_with("kubernetes in F is no setting; remove it"),
        "{message}"
    );
    let message = load_file("mail = 5\n").unwrap_err();
    assert_eq!(
        message,
        "mail (from F) is a section: write its settings under [mail]"
    );
    let env = environment(&[
        ("COUNTERSIGN_LISTNE", "x"),
        ("COUNTERSIGN_KEYS", "x"),
        ("COUNTERSIGN_LISTEN", "x"),
        ("PATH", "x"),
    ]);
    assert_eq!(env.unknown(), ["COUNTERSIGN_LISTNE"]);
}

#[test]
fn a_file_that_is_named_must_be_there_and_be_toml() {
    let missing = Config::load(Some(Path::new("/nowhere/c.toml")), &environment(&[DOMAIN]));
    let message = missing.unwrap_err().to_string();
    assert!(message.starts_with("the settings file /nowhere/c.toml cannot be read (No such file"));
    let message = load_file("listen = \"127.0.0.1:1\"\n[mail\n").unwrap_err();
    assert!(
        message.starts_with("the settings file F is no TOML at line 2: "),
        "{message}"
    );
}

#[test]
fn the_mail_domain_has_no_default() {
    let file = file("");
    let message = Config::load(Some(file.path()), &Environment::default()).unwrap_err();
    assert_eq!(
        message.to_string(),
        "mail.domain is not set: set it in the settings file, or COUNTERSIGN_MAIL_DOMAIN in the environment"
    );
}

#[test]
fn mail_goes_to_a_server_or_a_folder() {
    let place = |url: &str| match load([("COUNTERSIGN_SMTP_URL", url)]) {
        Ok(config) => match config.mail.smtp_url {
            MailUrl::Smtp(server) => format!("{}:{}", server.host, server.port),
            MailUrl::Folder(folder) => folder.display().to_string(),
        },
        Err(error) => panic!("{url}: {error}"),
    };
    assert_eq!(place(""), "127.0.0.1:25");
    assert_eq!(place("smtps://mx.example.com"), "mx.example.com:465");
    assert_eq!(place("file://outbox"), "outbox");
    for (wrong, instead) in [
        (
            "mx.example.com:25",
            "use smtp://[USER@]HOST[:PORT] (STARTTLS,",
        ),
        (
            "smtp+starttls://u:s3cret@mx.example.com",
            "use smtp://[USER@]",
        ),
        (
            "smtp://u:s3cret@mx.example.com/path",
            "end it after the port",
        ),
        (
            "smtp://u:s3cret@mx.example.com?tls=none",
            "take ?tls=none out",
        ),
        ("smtp://:s3cret@mx.example.com", "write the user before"),
    ] {
        let message = refusal([("COUNTERSIGN_SMTP_URL", wrong)]);
        let begin = "mail.smtp_url (from COUNTERSIGN_SMTP_URL) is not accepted: ";
        let told = message
            .strip_prefix(begin)
            .unwrap_or_else(|| panic!("{message}"));
        assert!(told.starts_with(instead), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
}

#[test]
fn the_password_comes_from_one_place() {
    let file = file("from file\n");
    let path = file.path().display().to_string();
    let password = |url: &str, set: &str, file: &str| {
        let variables = [
            ("COUNTERSIGN_SMTP_URL", url),
            ("COUNTERSIGN_SMTP_PASSWORD", set),
            ("COUNTERSIGN_SMTP_PASSWORD_FILE", file),
        ];
        load(variables)
            .map_err(|error| error.to_string())
            .map(|config| {
                assert!(config.mail.smtp_password.is_none());
                let MailUrl::Smtp(server) = config.mail.smtp_url else {
                    panic!("{url}: a folder")
                };
                let password = server.password.unwrap();
                format!("{}:{}", server.user.unwrap(), password.expose_secret())
            })
    };
    let user = "smtp://me%40example.com@mx.example.com";
    assert_eq!(password(user, "set", "").unwrap(), "me@example.com:set");
    assert_eq!(
        password(user, "", &path).unwrap(),
        "me@example.com:from file"
    );
    assert_eq!(
        password("smtp://u:p%3Aw@mx.example.com", "", "").unwrap(),
        "u:p:w"
    );
    assert_eq!(password(user, "12345", "").unwrap(), "me@example.com:12345");

    let refused = |url, set, file| password(url, set, file).unwrap_err();
    let both = refused(user, "set", &path);
    assert!(
        both.contains("smtp_password_file are both set: keep one"),
        "{both}"
    );
    assert!(refused("smtp://u:p@mx.example.com", "", &path).contains("keep one of them"));
    assert!(refused(user, "", "").contains("names a user without a password"));
    assert!(refused("smtp://mx.example.com", "set", "").contains("names no user"));
    assert!(refused("file://outbox", "set", "").contains("names no user"));
    let missing = refused(user, "", "/nowhere/password");
    assert!(missing.starts_with(
        "mail.smtp_password_file (from COUNTERSIGN_SMTP_PASSWORD_FILE) cannot be read"
    ));
}

#[test]
fn no_message_and_no_print_holds_a_secret() {
    let postgres = "postgres://me:s3cret@db.example.com/c?sslpassword=s3cret&sslmode=require";
    let config = load([
        ("COUNTERSIGN_DATABASE_URL", postgres),
        ("COUNTERSIGN_SMTP_URL", "smtp://u:s3cret@mx.example.com"),
    ])
    .unwrap();
    let shown = format!("{config:?} {}", config.database_url);
    assert!(!shown.contains("s3cret"), "{shown}");
    assert_eq!(
        config.database_url.to_string(),
        "postgres://me:***@db.example.com/c?sslpassword=***&sslmode=require"
    );

    for (name, value) in [
        ("COUNTERSIGN_DATABASE_URL", "postgres://me:s3cret@"),
        (
            "COUNTERSIGN_DATABASE_URL",
            "postgres://me:s3cret@db.example.com",
        ),
        (
            "COUNTERSIGN_DATABASE_URL",
            "mysql://me:s3cret@db.example.com/c",
        ),
        ("COUNTERSIGN_SMTP_URL", "smtp://u:s3cret@"),
        ("COUNTERSIGN_SMTP_URL", "imap://u:s3cret@mx.example.com"),
        ("COUNTERSIGN_SMTP_URL", "smtp://u:s3cret@mx.example.com/x"),
        ("COUNTERSIGN_SMTP_PASSWORD", "s3cret"),
    ] {
        let error = load([(name, value)]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
    for text in [
        "database_url = 53217",
        "database_url = [53217]",
        "database_url = { password = 53217 }",
        "[mail]\nsmtp_password = 53217",
        "[mail]\nsmtp_password = [53217]",
        "[mail]\nsmtp_password = 53217 53217",
        "[mail]\nsmtp_url = 53217",
        "[mail]\nsmtp_url = [\"53217\"]",
    ] {
        let message = load_file(text).unwrap_err();
        assert!(!message.contains("53217"), "{text}: {message}");
    }
    let env = environment(&[("COUNTERSIGN_SMTP_PASSWORD", "s3cret")]);
    assert_eq!(format!("{env:?}"), "{\"COUNTERSIGN_SMTP_PASSWORD\"}");
}

/// Every setting gets a secret that belongs elsewhere, in each form in which secrets come.
#[test]
fn a_secret_in_the_wrong_setting_is_not_repeated() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwS3CRET\n-----END PRIVATE KEY-----\n";
    let one_line = pem.replace('\n', " ");
    let dkim = format!("[{{ domain = 'a.test', selector = 's', key_file = '''{pem}''' }}]");
    let inline = format!("[{{ domain = 'a.test', selector = 's', private_key = '''{pem}''' }}]");
    let expecting = "S3CRET, expected x";
    for leaf in layers::leaves() {
        for value in [
            pem,
            &one_line,
            &dkim,
            &inline,
            "S3CRET",
            expecting,
            "['S3CRET']",
        ] {
            // A password may be anything, and a short word the name of a file.
            let Err(error) = load([(leaf.variable, value)]) else {
                continue;
            };
            let is_name_of_file = leaf.field.ends_with("_file") && value.len() < 20;
            let shown = format!("{error} {error:?}");
            assert!(
                is_name_of_file || !shown.contains("S3CRET"),
                "{}: {shown}",
                leaf.variable
            );
        }
    }
    for (variable, value) in [
        ("COUNTERSIGN_MAIL_DKIM", pem),
        ("COUNTERSIGN_MAIL_DKIM", &one_line),
        ("COUNTERSIGN_MAIL_DKIM", &dkim),
        ("COUNTERSIGN_MAIL_DKIM", &inline),
        ("COUNTERSIGN_KEYS_FILE", pem),
        ("COUNTERSIGN_MAIL_CA_FILE", &one_line),
    ] {
        let message = refusal([(variable, value)]);
        assert!(
            message.contains(variable) && message.contains(" must "),
            "{message}"
        );
    }
}

#[test]
fn a_password_is_read_from_a_regular_file_of_some_size() {
    let refused = |path: &str| {
        refusal([
            ("COUNTERSIGN_SMTP_URL", "smtp://me@mx.example.com"),
            ("COUNTERSIGN_SMTP_PASSWORD_FILE", path),
        ])
    };
    assert_eq!(
        refused("/dev/zero"),
        "mail.smtp_password_file (from COUNTERSIGN_SMTP_PASSWORD_FILE) cannot be read: /dev/zero (it is a device, and only \
         regular files are read: name a file)"
    );
    let large = file(&"x".repeat(64 * 1024 + 1));
    let message = refused(&large.path().display().to_string());
    assert!(message.contains("larger than 65536 bytes"), "{message}");
    let message = Config::load(Some(Path::new("/dev/zero")), &environment(&[DOMAIN]));
    let message = message.unwrap_err().to_string();
    assert!(message.contains("larger than 1048576 bytes"), "{message}");
}

#[test]
fn a_level_of_the_log_is_taken_with_those_of_modules() {
    for good in ["info", "off", "warn,countersign::worker=debug,sqlx=off"] {
        assert_eq!(
            load([("COUNTERSIGN_LOG_LEVEL", good)]).unwrap().log.level,
            good
        );
    }
}

#[test]
fn plain_http_is_for_this_machine_and_private_networks() {
    for good in [
        "http://localhost:8080",
        "http://192.168.1.5:8080",
        "http://[::1]:8080",
        "http://pages.test",
        "https://Einladung.Example.com/",
        "https://초대.example.com",
    ] {
        let config = load([("COUNTERSIGN_PUBLIC_URL", good)]).unwrap();
        assert_eq!(config.public_url.is_https(), good.starts_with("https"));
        assert!(!config.public_url.to_string().ends_with('/'));
    }
    let config = load([("COUNTERSIGN_PUBLIC_URL", "https://초대.example.com:443/")]).unwrap();
    assert_eq!(
        config.public_url.origin(),
        "https://xn--vk1bq70c.example.com"
    );
}

#[test]
fn the_template_is_the_default_and_explains_every_setting() {
    let template = Config::template();
    for leaf in layers::leaves() {
        assert!(template.contains(leaf.variable), "{}", leaf.variable);
        let name = leaf.field.rsplit('.').next().unwrap();
        assert!(template.contains(&format!("#{name} =")), "{name}");
    }
    assert!(load_file(&template).is_ok());
    // With every default written out, nothing changes.
    let written: String = template
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if setting.contains(" = ") && !setting.starts_with(' ') => setting,
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n");
    let (plain, explicit) = (load([]).unwrap(), load_file(&written).unwrap());
    assert_eq!(format!("{plain:?}"), format!("{explicit:?}"));
}

#[test]
fn limits_that_are_not_set_are_as_the_domain_has_them_and_0_is_none() {
    use crate::domain::limit::Limits;
    assert_eq!(load([]).unwrap().limits.sizes(), Limits::default());
    let none = load([
        ("COUNTERSIGN_LIMITS_PER_KEY_DAY", "0"),
        ("COUNTERSIGN_LIMITS_PER_PARTNER_DAY", "0"),
        ("COUNTERSIGN_LIMITS_PER_RECIPIENT_WEEK", "0"),
        ("COUNTERSIGN_LIMITS_PER_DOMAIN_DAY", "0"),
    ]);
    assert_eq!(none.unwrap().limits.sizes(), Limits::NONE);
    assert!(
        refusal([("COUNTERSIGN_LIMITS_PER_DOMAIN_DAY", "100000001")])
            .contains("limits.per_domain_day")
    );
}
