-- Moments are microseconds of UTC in INTEGER; identifiers are the 16 bytes of UUIDs made by the application (version 7).
-- States and kinds are text, so that a person who looks into the database can read it.

-- What `init` fixed once: the audience goes into every key, so that the public URL may change without ending links.
CREATE TABLE installation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    audience TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- When what is no longer needed was last deleted.
    swept_at INTEGER
) STRICT;

CREATE TABLE partner (
    id BLOB NOT NULL PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    legal_name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    address TEXT NOT NULL,
    website TEXT,
    representative TEXT,
    registration_number TEXT,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    advertising_mark INTEGER NOT NULL,
    -- What it sets of its own schedule of notices, as JSON with those fields alone. One column: it is read and written as a
    -- whole, no statement looks into it, and a list of days would have no column of its own without a format, either.
    schedule TEXT,
    -- How many invitations a day its keys and it may make, where that differs from the settings; 0 is without a limit.
    per_key_day INTEGER,
    per_partner_day INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

-- An organization belongs to the partner who named it: nothing is merged across partners by a name.
CREATE TABLE organization (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partner (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    cloud TEXT NOT NULL,
    language TEXT,
    time_zone TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (partner_id, name_key, cloud)
) STRICT;

-- A mailbox, whoever mails it: the only thing that spans partners.
CREATE TABLE contact (
    id BLOB NOT NULL PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    smtp_address TEXT NOT NULL,
    domain TEXT NOT NULL,
    language TEXT,
    time_zone TEXT,
    created_at INTEGER NOT NULL
) STRICT;

-- One text of an agreement in one language. A row never changes: a new text is a new version.
CREATE TABLE agreement (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    is_sample INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (kind, version, language)
) STRICT;
CREATE INDEX agreement_current ON agreement (kind, language, effective_at);

CREATE TABLE invitation (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partner (id),
    organization_id BLOB NOT NULL REFERENCES organization (id),
    contact_id BLOB NOT NULL REFERENCES contact (id),
    state TEXT NOT NULL,
    offer TEXT NOT NULL,
    offer_key TEXT NOT NULL,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    note TEXT,
    links TEXT NOT NULL,
    reference TEXT,
    source TEXT NOT NULL,
    forced INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    decline_reason TEXT,
    decline_text TEXT
) STRICT;
-- One pending invitation per partner, organization, contact and offer: a repetition is found, not mailed twice.
CREATE UNIQUE INDEX invitation_pending
    ON invitation (partner_id, organization_id, contact_id, offer_key) WHERE state = 'pending';
CREATE INDEX invitation_expiry ON invitation (expires_at) WHERE state = 'pending';
CREATE INDEX invitation_of_partner ON invitation (partner_id, id);
CREATE INDEX invitation_of_contact ON invitation (contact_id, id);
CREATE INDEX invitation_of_organization ON invitation (organization_id, id);
-- Of those that have one: an invitation without costs nothing.
CREATE INDEX invitation_of_reference ON invitation (partner_id, reference, id) WHERE reference IS NOT NULL;

-- Who takes part in an invitation. The row decides what its links may do; it keeps the key that they are made with.
CREATE TABLE recipient (
    id BLOB NOT NULL PRIMARY KEY,
    invitation_id BLOB NOT NULL REFERENCES invitation (id),
    contact_id BLOB NOT NULL REFERENCES contact (id),
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    links_expire_at INTEGER NOT NULL,
    reminders_stopped_at INTEGER,
    undeliverable_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX recipient_of_invitation ON recipient (invitation_id);
CREATE INDEX recipient_of_contact ON recipient (contact_id);
CREATE INDEX recipient_key ON recipient (key_id, links_expire_at);

-- What holds between a partner and an organization. `revision` counts its changes; `invitation_id` is the one by which it was
-- agreed upon last; `continued_by` is the one that goes on where two became one.
CREATE TABLE relationship (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partner (id),
    organization_id BLOB NOT NULL REFERENCES organization (id),
    invitation_id BLOB NOT NULL REFERENCES invitation (id),
    partner_type TEXT NOT NULL,
    catalogue TEXT NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    since INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER,
    continued_by BLOB
) STRICT;
-- One that holds per partner, organization and type: accepting again updates it.
CREATE UNIQUE INDEX relationship_active ON relationship (partner_id, organization_id, partner_type) WHERE state = 'active';
-- Whoever deletes an old invitation, or a part in one, looks whether they are named.
CREATE INDEX relationship_of_invitation ON relationship (invitation_id);
CREATE INDEX relationship_of_partner ON relationship (partner_id, id);
CREATE INDEX relationship_of_organization ON relationship (organization_id, id);

-- The evidence: one row an accepted invitation, never changed. `canonical` is what the audit record commits to.
CREATE TABLE acceptance (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partner (id),
    invitation_id BLOB NOT NULL UNIQUE REFERENCES invitation (id),
    recipient_id BLOB NOT NULL REFERENCES recipient (id),
    contact_id BLOB NOT NULL REFERENCES contact (id),
    relationship_id BLOB REFERENCES relationship (id),
    canonical TEXT NOT NULL,
    salt BLOB NOT NULL,
    accepted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX acceptance_of_partner ON acceptance (partner_id, id);
CREATE INDEX acceptance_of_recipient ON acceptance (recipient_id);
CREATE INDEX acceptance_of_contact ON acceptance (contact_id, accepted_at);
CREATE INDEX acceptance_of_relationship ON acceptance (relationship_id) WHERE relationship_id IS NOT NULL;

CREATE TABLE consent (
    id BLOB NOT NULL PRIMARY KEY,
    acceptance_id BLOB NOT NULL REFERENCES acceptance (id),
    invitation_id BLOB NOT NULL REFERENCES invitation (id),
    agreement_id BLOB NOT NULL REFERENCES agreement (id),
    agreement_sha256 BLOB NOT NULL,
    consented_at INTEGER NOT NULL,
    UNIQUE (invitation_id, agreement_id)
) STRICT;

-- A role for a time. The end counts from consent, or from its activation at Microsoft once that is known.
CREATE TABLE role_grant (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partner (id),
    relationship_id BLOB NOT NULL REFERENCES relationship (id),
    acceptance_id BLOB NOT NULL REFERENCES acceptance (id),
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    duration TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    activated_at INTEGER,
    expected_end_at INTEGER NOT NULL,
    auto_extend INTEGER NOT NULL,
    -- The revision of the relationship that set this end.
    revision INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX role_grant_active ON role_grant (relationship_id, role) WHERE state = 'active';
CREATE INDEX role_grant_of_partner ON role_grant (partner_id, id);
CREATE INDEX role_grant_of_relationship ON role_grant (relationship_id, id);
CREATE INDEX role_grant_of_acceptance ON role_grant (acceptance_id);
CREATE INDEX role_grant_end ON role_grant (expected_end_at) WHERE state = 'active';

-- What is known of the steps on Microsoft's side, apart from our own record.
CREATE TABLE microsoft_step (
    invitation_id BLOB NOT NULL REFERENCES invitation (id),
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (invitation_id, step)
) STRICT;

-- The queue: one row is one mail, or one webhook call, that is meant to leave.
--   scheduled: waits for run_at · ready: due · running: under a lease
--   sent, failed, dead, cancelled: settled
CREATE TABLE notice (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partner (id),
    -- The partner's id in hexadecimal digits, a colon, the destination (a mail domain, or a host with its port): turns are taken
    -- by its first part, room is counted by its second.
    lane TEXT NOT NULL,
    domain TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    step INTEGER NOT NULL,
    subject_id BLOB NOT NULL,
    target_id BLOB NOT NULL,
    generation INTEGER NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    -- When it is due at the earliest: moved by retries. `due_at` is what was planned.
    run_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    lease_id BLOB,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    deaths INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    settled_at INTEGER,
    last_reply TEXT,
    -- The second enqueue of the same notice is the first one: every step may be repeated.
    UNIQUE (subject_id, kind, step, target_id, generation)
) STRICT;
-- These cover only rows that can still run, so that a claim costs the same over ten thousand rows and ten million.
CREATE INDEX notice_scheduled ON notice (run_at, id) WHERE state = 'scheduled';
CREATE INDEX notice_ready ON notice (channel, lane, run_at, id) WHERE state = 'ready';
CREATE INDEX notice_running ON notice (domain) WHERE state = 'running';
CREATE INDEX notice_suspect ON notice (state, run_at, id) WHERE deaths >= 2;

-- One row a try. `body_started_at` is committed before the first byte of the body leaves: without it the mail was
-- certainly not sent; with it and without an outcome it may have been. The first such row fixes Message-ID and Date.
-- The one without an outcome is the last of a notice that runs, and is found by it.
CREATE TABLE attempt (
    notice_id BLOB NOT NULL REFERENCES notice (id),
    number INTEGER NOT NULL,
    lease_id BLOB NOT NULL,
    begun_at INTEGER NOT NULL,
    body_started_at INTEGER,
    message_id TEXT,
    dated_at INTEGER,
    body_sha256 BLOB,
    ended_at INTEGER,
    outcome TEXT,
    stage TEXT,
    reply TEXT,
    PRIMARY KEY (notice_id, number)
) STRICT, WITHOUT ROWID;

-- A worker's claim on any number of notices. Renewal touches this one row.
CREATE TABLE lease (
    id BLOB NOT NULL PRIMARY KEY,
    worker TEXT NOT NULL,
    taken_at INTEGER NOT NULL,
    valid_until INTEGER NOT NULL
) STRICT;

-- A destination domain: how many mails may be under way to it, how fast, and when the next one may start.
CREATE TABLE lane (
    domain TEXT NOT NULL PRIMARY KEY,
    next_at INTEGER NOT NULL,
    interval_micros INTEGER,
    max_in_flight INTEGER
) STRICT;

-- A mail server that refuses us, not our notices: nothing is claimed until then.
CREATE TABLE transport_pause (
    transport TEXT NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL,
    paused_until INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    stage TEXT NOT NULL,
    reply TEXT NOT NULL
) STRICT;

-- A mailbox that takes no mail, known by a keyed hash of its address: it stays known after its person was erased, and the
-- address goes.
CREATE TABLE suppression (
    mailbox TEXT NOT NULL PRIMARY KEY,
    -- What it is called outside: the hash of the mailbox stays inside.
    id BLOB NOT NULL UNIQUE,
    address TEXT,
    reason TEXT NOT NULL,
    detail TEXT,
    created_at INTEGER NOT NULL
) STRICT;

-- One that was removed, and why. Whoever removed it is a partner, or an operator where none is named.
CREATE TABLE suppression_removal (
    id BLOB NOT NULL PRIMARY KEY,
    mailbox TEXT NOT NULL,
    reason TEXT NOT NULL,
    partner_id BLOB REFERENCES partner (id),
    why TEXT,
    suppressed_at INTEGER NOT NULL,
    removed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX suppression_removal_of_mailbox ON suppression_removal (mailbox);

CREATE TABLE idempotency (
    partner_id BLOB NOT NULL REFERENCES partner (id),
    idempotency_key TEXT NOT NULL,
    request_sha256 BLOB NOT NULL,
    answer TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (partner_id, idempotency_key)
) STRICT;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- How much of each limit is used in its window, by a day or a week of UTC. `counter` is the limit's word, a colon, and of whom:
-- an id, or the keyed hash of a mailbox or a domain. The window comes first, so that old ones are deleted in one place.
CREATE TABLE invitation_limit (
    window_start INTEGER NOT NULL,
    counter TEXT NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (window_start, counter)
) STRICT, WITHOUT ROWID;

-- Keys of the partner's interface: by their first characters, and as SHA-256. `replaces` is the older key that one was made in the
-- place of.
CREATE TABLE api_key (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partner (id),
    prefix TEXT NOT NULL UNIQUE,
    sha256 BLOB NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER,
    replaces BLOB REFERENCES api_key (id)
) STRICT;
CREATE INDEX api_key_of_partner ON api_key (partner_id, id);

-- What the interface answered to a request with an idempotency key. While it works on one there is no `status`; what it did not
-- finish until `held_until` may be begun again, by the same request.
CREATE TABLE api_answer (
    partner_id BLOB NOT NULL REFERENCES partner (id),
    idempotency_key TEXT NOT NULL,
    request_sha256 BLOB NOT NULL,
    holder BLOB NOT NULL,
    held_until INTEGER NOT NULL,
    status INTEGER,
    body TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (partner_id, idempotency_key)
) STRICT;
CREATE INDEX api_answer_expiry ON api_answer (expires_at);

-- The audit record. Rows come without a number; a sealer numbers them, links them into the partner's chain and signs
-- its head.
CREATE TABLE event (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partner (id),
    seq INTEGER,
    kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    actor TEXT NOT NULL,
    data TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    hash BLOB,
    UNIQUE (partner_id, seq)
) STRICT;
CREATE INDEX event_unsealed ON event (partner_id, id) WHERE seq IS NULL;
CREATE INDEX event_of_subject ON event (subject_id, id);

CREATE TABLE chain_head (
    partner_id BLOB NOT NULL REFERENCES partner (id),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    key_id INTEGER NOT NULL,
    signature BLOB NOT NULL,
    signed_at INTEGER NOT NULL,
    PRIMARY KEY (partner_id, seq)
) STRICT;

-- Somebody, or some scanner, opened a link. Never a consent.
CREATE TABLE visit (
    id BLOB NOT NULL PRIMARY KEY,
    recipient_id BLOB NOT NULL REFERENCES recipient (id),
    purpose TEXT NOT NULL,
    label TEXT NOT NULL,
    evidence TEXT NOT NULL,
    client_address TEXT,
    user_agent TEXT,
    visited_at INTEGER NOT NULL,
    -- With those after it that have no row of their own, and the last of them.
    times INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;
CREATE INDEX visit_of_recipient ON visit (recipient_id, id);

-- What a partner says of itself to businesses that look for one.
CREATE TABLE profile (
    partner_id BLOB NOT NULL PRIMARY KEY REFERENCES partner (id),
    body TEXT NOT NULL,
    published_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- What published profiles are found by, and what each term weighs: none of one that is not published. The terms are made by
-- the application, and compared by their bytes.
CREATE TABLE profile_term (
    term TEXT NOT NULL,
    partner_id BLOB NOT NULL REFERENCES profile (partner_id),
    weight INTEGER NOT NULL,
    PRIMARY KEY (term, partner_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX profile_term_of_partner ON profile_term (partner_id);

-- What a business asks of partners. Unconfirmed ones are deleted when their time is over.
CREATE TABLE inquiry (
    id BLOB NOT NULL PRIMARY KEY,
    contact_id BLOB NOT NULL REFERENCES contact (id),
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    organization TEXT NOT NULL,
    phone TEXT,
    size TEXT NOT NULL,
    needs TEXT NOT NULL,
    body TEXT,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    key_id INTEGER NOT NULL,
    links_expire_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER
) STRICT;
CREATE INDEX inquiry_of_contact ON inquiry (contact_id, created_at);
CREATE INDEX inquiry_unconfirmed ON inquiry (links_expire_at) WHERE state = 'unconfirmed';
CREATE INDEX inquiry_key ON inquiry (key_id, links_expire_at);

-- The same as one partner gets it, with the invitation that came of it. `sent_at`: confirmed, and its mail put into the queue.
CREATE TABLE inquiry_partner (
    id BLOB NOT NULL PRIMARY KEY,
    inquiry_id BLOB NOT NULL REFERENCES inquiry (id),
    partner_id BLOB NOT NULL REFERENCES partner (id),
    key_id INTEGER NOT NULL,
    links_expire_at INTEGER NOT NULL,
    sent_at INTEGER,
    invitation_id BLOB REFERENCES invitation (id),
    answered_at INTEGER,
    UNIQUE (inquiry_id, partner_id)
) STRICT;
CREATE INDEX inquiry_partner_sent ON inquiry_partner (partner_id, sent_at);
CREATE INDEX inquiry_partner_invitation ON inquiry_partner (invitation_id);
CREATE INDEX inquiry_partner_key ON inquiry_partner (key_id, links_expire_at);

-- Where a partner is told what happens. `kinds` names events, as JSON; none named is all of them. `revision` counts the changes.
CREATE TABLE webhook_endpoint (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partner (id),
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- Since when no call went through, while calls failed.
    failing_since INTEGER,
    switched_off_at INTEGER,
    switched_off_because TEXT
) STRICT;
CREATE INDEX webhook_endpoint_of_partner ON webhook_endpoint (partner_id, id);

-- What its calls are signed with, sealed by a key that is not in the database. Two or more while one takes the place of another.
CREATE TABLE webhook_secret (
    endpoint_id BLOB NOT NULL REFERENCES webhook_endpoint (id),
    number INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    valid_until INTEGER,
    PRIMARY KEY (endpoint_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_secret_key ON webhook_secret (key_id);

-- The calls of an endpoint, newest last: rows of `notice` whose target it is.
CREATE INDEX notice_of_webhook ON notice (target_id, id) WHERE channel = 'webhook';
