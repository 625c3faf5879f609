-- Moments are microseconds of UTC in BIGINT; identifiers are UUIDs made by the application (version 7).
-- States and kinds are text, so that a person who looks into the database can read it.

-- What `init` fixed once: the audience goes into every key, so that the public URL may change without ending links.
CREATE TABLE installation (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    audience TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When what is no longer needed was last deleted.
    swept_at BIGINT
);

CREATE TABLE partner (
    id UUID NOT NULL PRIMARY KEY,
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
    advertising_mark BOOLEAN NOT NULL,
    -- What it sets of its own schedule of notices, as JSON with those fields alone. One column: it is read and written as a
    -- whole, no statement looks into it, and a list of days would have no column of its own without a format, either.
    schedule TEXT,
    -- How many invitations a day its keys and it may make, where that differs from the settings; 0 is without a limit.
    per_key_day BIGINT,
    per_partner_day BIGINT,
    created_at BIGINT NOT NULL
);

-- An organization belongs to the partner who named it: nothing is merged across partners by a name.
CREATE TABLE organization (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partner (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    cloud TEXT NOT NULL,
    language TEXT,
    time_zone TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (partner_id, name_key, cloud)
);

-- A mailbox, whoever mails it: the only thing that spans partners.
CREATE TABLE contact (
    id UUID NOT NULL PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    smtp_address TEXT NOT NULL,
    domain TEXT NOT NULL,
    language TEXT,
    time_zone TEXT,
    created_at BIGINT NOT NULL
);

-- One text of an agreement in one language. A row never changes: a new text is a new version.
CREATE TABLE agreement (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    is_sample BOOLEAN NOT NULL,
    effective_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (kind, version, language)
);
CREATE INDEX agreement_current ON agreement (kind, language, effective_at);

CREATE TABLE invitation (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partner (id),
    organization_id UUID NOT NULL REFERENCES organization (id),
    contact_id UUID NOT NULL REFERENCES contact (id),
    state TEXT NOT NULL,
    offer TEXT NOT NULL,
    offer_key TEXT NOT NULL,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    note TEXT,
    links TEXT NOT NULL,
    reference TEXT,
    source TEXT NOT NULL,
    forced BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    decline_reason TEXT,
    decline_text TEXT
);
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
    id UUID NOT NULL PRIMARY KEY,
    invitation_id UUID NOT NULL REFERENCES invitation (id),
    contact_id UUID NOT NULL REFERENCES contact (id),
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    generation BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    links_expire_at BIGINT NOT NULL,
    reminders_stopped_at BIGINT,
    undeliverable_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX recipient_of_invitation ON recipient (invitation_id);
CREATE INDEX recipient_of_contact ON recipient (contact_id);
CREATE INDEX recipient_key ON recipient (key_id, links_expire_at);

-- What holds between a partner and an organization. `revision` counts its changes; `invitation_id` is the one by which it was
-- agreed upon last; `continued_by` is the one that goes on where two became one.
CREATE TABLE relationship (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partner (id),
    organization_id UUID NOT NULL REFERENCES organization (id),
    invitation_id UUID NOT NULL REFERENCES invitation (id),
    partner_type TEXT NOT NULL,
    catalogue TEXT NOT NULL,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    since BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at BIGINT,
    continued_by UUID
);
-- One that holds per partner, organization and type: accepting again updates it.
CREATE UNIQUE INDEX relationship_active ON relationship (partner_id, organization_id, partner_type) WHERE state = 'active';
-- Whoever deletes an old invitation, or a part in one, looks whether they are named.
CREATE INDEX relationship_of_invitation ON relationship (invitation_id);
CREATE INDEX relationship_of_partner ON relationship (partner_id, id);
CREATE INDEX relationship_of_organization ON relationship (organization_id, id);

-- The evidence: one row an accepted invitation, never changed. `canonical` is what the audit record commits to.
CREATE TABLE acceptance (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partner (id),
    invitation_id UUID NOT NULL UNIQUE REFERENCES invitation (id),
    recipient_id UUID NOT NULL REFERENCES recipient (id),
    contact_id UUID NOT NULL REFERENCES contact (id),
    relationship_id UUID REFERENCES relationship (id),
    canonical TEXT NOT NULL,
    salt BYTEA NOT NULL,
    accepted_at BIGINT NOT NULL
);
CREATE INDEX acceptance_of_partner ON acceptance (partner_id, id);
CREATE INDEX acceptance_of_recipient ON acceptance (recipient_id);
CREATE INDEX acceptance_of_contact ON acceptance (contact_id, accepted_at);
CREATE INDEX acceptance_of_relationship ON acceptance (relationship_id) WHERE relationship_id IS NOT NULL;

CREATE TABLE consent (
    id UUID NOT NULL PRIMARY KEY,
    acceptance_id UUID NOT NULL REFERENCES acceptance (id),
    invitation_id UUID NOT NULL REFERENCES invitation (id),
    agreement_id UUID NOT NULL REFERENCES agreement (id),
    agreement_sha256 BYTEA NOT NULL,
    consented_at BIGINT NOT NULL,
    UNIQUE (invitation_id, agreement_id)
);

-- A role for a time. The end counts from consent, or from its activation at Microsoft once that is known.
CREATE TABLE role_grant (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partner (id),
    relationship_id UUID NOT NULL REFERENCES relationship (id),
    acceptance_id UUID NOT NULL REFERENCES acceptance (id),
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    duration TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    activated_at BIGINT,
    expected_end_at BIGINT NOT NULL,
    auto_extend BOOLEAN NOT NULL,
    -- The revision of the relationship that set this end.
    revision BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE UNIQUE INDEX role_grant_active ON role_grant (relationship_id, role) WHERE state = 'active';
CREATE INDEX role_grant_of_partner ON role_grant (partner_id, id);
CREATE INDEX role_grant_of_relationship ON role_grant (relationship_id, id);
CREATE INDEX role_grant_of_acceptance ON role_grant (acceptance_id);
CREATE INDEX role_grant_end ON role_grant (expected_end_at) WHERE state = 'active';

-- What is known of the steps on Microsoft's side, apart from our own record.
CREATE TABLE microsoft_step (
    invitation_id UUID NOT NULL REFERENCES invitation (id),
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (invitation_id, step)
);

-- The queue: one row is one mail, or one webhook call, that is meant to leave.
--   scheduled: waits for run_at · ready: due · running: under a lease
--   sent, failed, dead, cancelled: settled
CREATE TABLE notice (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partner (id),
    -- The partner's id in hexadecimal digits, a colon, the destination (a mail domain, or a host with its port): turns are taken
    -- by its first part, room is counted by its second.
    lane TEXT COLLATE "C" NOT NULL,
    domain TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    step BIGINT NOT NULL,
    subject_id UUID NOT NULL,
    target_id UUID NOT NULL,
    generation BIGINT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    -- When it is due at the earliest: moved by retries. `due_at` is what was planned.
    run_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    lease_id UUID,
    attempts BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    deaths BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    settled_at BIGINT,
    last_reply TEXT,
    -- The second enqueue of the same notice is the first one: every step may be repeated.
    UNIQUE (subject_id, kind, step, target_id, generation)
);
-- These cover only rows that can still run, so that a claim costs the same over ten thousand rows and ten million.
CREATE INDEX notice_scheduled ON notice (run_at, id) WHERE state = 'scheduled';
CREATE INDEX notice_ready ON notice (channel, lane, run_at, id) WHERE state = 'ready';
CREATE INDEX notice_running ON notice (domain) WHERE state = 'running';
CREATE INDEX notice_suspect ON notice (state, run_at, id) WHERE deaths >= 2;

-- One row a try. `body_started_at` is committed before the first byte of the body leaves: without it the mail was
-- certainly not sent; with it and without an outcome it may have been. The first such row fixes Message-ID and Date.
-- The one without an outcome is the last of a notice that runs, and is found by it.
CREATE TABLE attempt (
    notice_id UUID NOT NULL REFERENCES notice (id),
    number BIGINT NOT NULL,
    lease_id UUID NOT NULL,
    begun_at BIGINT NOT NULL,
    body_started_at BIGINT,
    message_id TEXT,
    dated_at BIGINT,
    body_sha256 BYTEA,
    ended_at BIGINT,
    outcome TEXT,
    stage TEXT,
    reply TEXT,
    PRIMARY KEY (notice_id, number)
-- A row grows twofold with its mark and again with its result: with room on its page, neither touches an index.
) WITH (fillfactor = 25);

-- A worker's claim on any number of notices. Renewal touches this one row.
CREATE TABLE lease (
    id UUID NOT NULL PRIMARY KEY,
    worker TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    valid_until BIGINT NOT NULL
);

-- A destination domain: how many mails may be under way to it, how fast, and when the next one may start.
CREATE TABLE lane (
    domain TEXT NOT NULL PRIMARY KEY,
    next_at BIGINT NOT NULL,
    interval_micros BIGINT,
    max_in_flight BIGINT
);

-- A mail server that refuses us, not our notices: nothing is claimed until then.
CREATE TABLE transport_pause (
    transport TEXT NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL,
    paused_until BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    stage TEXT NOT NULL,
    reply TEXT NOT NULL
);

-- A mailbox that takes no mail, known by a keyed hash of its address: it stays known after its person was erased, and the
-- address goes.
CREATE TABLE suppression (
    mailbox TEXT NOT NULL PRIMARY KEY,
    -- What it is called outside: the hash of the mailbox stays inside.
    id UUID NOT NULL UNIQUE,
    address TEXT,
    reason TEXT NOT NULL,
    detail TEXT,
    created_at BIGINT NOT NULL
);

-- One that was removed, and why. Whoever removed it is a partner, or an operator where none is named.
CREATE TABLE suppression_removal (
    id UUID NOT NULL PRIMARY KEY,
    mailbox TEXT NOT NULL,
    reason TEXT NOT NULL,
    partner_id UUID REFERENCES partner (id),
    why TEXT,
    suppressed_at BIGINT NOT NULL,
    removed_at BIGINT NOT NULL
);
CREATE INDEX suppression_removal_of_mailbox ON suppression_removal (mailbox);

CREATE TABLE idempotency (
    partner_id UUID NOT NULL REFERENCES partner (id),
    idempotency_key TEXT NOT NULL,
    request_sha256 BYTEA NOT NULL,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (partner_id, idempotency_key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- How much of each limit is used in its window, by a day or a week of UTC. `counter` is the limit's word, a colon, and of whom:
-- an id, or the keyed hash of a mailbox or a domain. The window comes first, so that old ones are deleted in one place.
CREATE TABLE invitation_limit (
    window_start BIGINT NOT NULL,
    counter TEXT COLLATE "C" NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (window_start, counter)
);

-- Keys of the partner's interface: by their first characters, and as SHA-256. `replaces` is the older key that one was made in the
-- place of.
CREATE TABLE api_key (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partner (id),
    prefix TEXT NOT NULL UNIQUE,
    sha256 BYTEA NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT,
    replaces UUID REFERENCES api_key (id)
);
CREATE INDEX api_key_of_partner ON api_key (partner_id, id);

-- What the interface answered to a request with an idempotency key. While it works on one there is no `status`; what it did not
-- finish until `held_until` may be begun again, by the same request.
CREATE TABLE api_answer (
    partner_id UUID NOT NULL REFERENCES partner (id),
    idempotency_key TEXT NOT NULL,
    request_sha256 BYTEA NOT NULL,
    holder UUID NOT NULL,
    held_until BIGINT NOT NULL,
    status BIGINT,
    body TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (partner_id, idempotency_key)
);
CREATE INDEX api_answer_expiry ON api_answer (expires_at);

-- The audit record. Rows come without a number; a sealer numbers them, links them into the partner's chain and signs
-- its head.
CREATE TABLE event (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partner (id),
    seq BIGINT,
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    actor TEXT NOT NULL,
    data TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    hash BYTEA,
    UNIQUE (partner_id, seq)
);
CREATE INDEX event_unsealed ON event (partner_id, id) WHERE seq IS NULL;
CREATE INDEX event_of_subject ON event (subject_id, id);

CREATE TABLE chain_head (
    partner_id UUID NOT NULL REFERENCES partner (id),
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    key_id BIGINT NOT NULL,
    signature BYTEA NOT NULL,
    signed_at BIGINT NOT NULL,
    PRIMARY KEY (partner_id, seq)
);

-- Somebody, or some scanner, opened a link. Never a consent.
CREATE TABLE visit (
    id UUID NOT NULL PRIMARY KEY,
    recipient_id UUID NOT NULL REFERENCES recipient (id),
    purpose TEXT NOT NULL,
    label TEXT NOT NULL,
    evidence TEXT NOT NULL,
    client_address TEXT,
    user_agent TEXT,
    visited_at BIGINT NOT NULL,
    -- With those after it that have no row of their own, and the last of them.
    times BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX visit_of_recipient ON visit (recipient_id, id);

-- What a partner says of itself to businesses that look for one.
CREATE TABLE profile (
    partner_id UUID NOT NULL PRIMARY KEY REFERENCES partner (id),
    body TEXT NOT NULL,
    published_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- What published profiles are found by, and what each term weighs: none of one that is not published. The terms are made by
-- the application, and compared by their bytes.
CREATE TABLE profile_term (
    term TEXT COLLATE "C" NOT NULL,
    partner_id UUID NOT NULL REFERENCES profile (partner_id),
    weight BIGINT NOT NULL,
    PRIMARY KEY (term, partner_id) INCLUDE (weight)
);
CREATE INDEX profile_term_of_partner ON profile_term (partner_id);

-- What a business asks of partners. Unconfirmed ones are deleted when their time is over.
CREATE TABLE inquiry (
    id UUID NOT NULL PRIMARY KEY,
    contact_id UUID NOT NULL REFERENCES contact (id),
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    organization TEXT NOT NULL,
    phone TEXT,
    size TEXT NOT NULL,
    needs TEXT NOT NULL,
    body TEXT,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    key_id BIGINT NOT NULL,
    links_expire_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT
);
CREATE INDEX inquiry_of_contact ON inquiry (contact_id, created_at);
CREATE INDEX inquiry_unconfirmed ON inquiry (links_expire_at) WHERE state = 'unconfirmed';
CREATE INDEX inquiry_key ON inquiry (key_id, links_expire_at);

-- The same as one partner gets it, with the invitation that came of it. `sent_at`: confirmed, and its mail put into the queue.
CREATE TABLE inquiry_partner (
    id UUID NOT NULL PRIMARY KEY,
    inquiry_id UUID NOT NULL REFERENCES inquiry (id),
    partner_id UUID NOT NULL REFERENCES partner (id),
    key_id BIGINT NOT NULL,
    links_expire_at BIGINT NOT NULL,
    sent_at BIGINT,
    invitation_id UUID REFERENCES invitation (id),
    answered_at BIGINT,
    UNIQUE (inquiry_id, partner_id)
);
CREATE INDEX inquiry_partner_sent ON inquiry_partner (partner_id, sent_at);
CREATE INDEX inquiry_partner_invitation ON inquiry_partner (invitation_id);
CREATE INDEX inquiry_partner_key ON inquiry_partner (key_id, links_expire_at);

-- Where a partner is told what happens. `kinds` names events, as JSON; none named is all of them. `revision` counts the changes.
CREATE TABLE webhook_endpoint (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partner (id),
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Since when no call went through, while calls failed.
    failing_since BIGINT,
    switched_off_at BIGINT,
    switched_off_because TEXT
);
CREATE INDEX webhook_endpoint_of_partner ON webhook_endpoint (partner_id, id);

-- What its calls are signed with, sealed by a key that is not in the database. Two or more while one takes the place of another.
CREATE TABLE webhook_secret (
    endpoint_id UUID NOT NULL REFERENCES webhook_endpoint (id),
    number BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    valid_until BIGINT,
    PRIMARY KEY (endpoint_id, number)
);
CREATE INDEX webhook_secret_key ON webhook_secret (key_id);

-- The calls of an endpoint, newest last: rows of `notice` whose target it is.
CREATE INDEX notice_of_webhook ON notice (target_id, id) WHERE channel = 'webhook';
