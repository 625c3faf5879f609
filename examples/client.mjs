#!/usr/bin/env node
// Countersign's interface from Node 18 and later, without a package.
//
//   export COUNTERSIGN_URL=https://invite.example.com COUNTERSIGN_KEY=cs_live_…
//   client.mjs invite ORGANIZATION NAME EMAIL [PARTNER_TYPE]   invites, and prints the invitation's id
//   client.mjs show INVITATION                                 prints its state and its recipient
//   client.mjs list [STATE]                                    prints every invitation, the newest first
//   client.mjs revoke INVITATION                               takes it back
//   client.mjs events [AFTER]                                  prints what happened, from a place in the feed on
//
// It tries again what may be tried again, and never invites twice: a request keeps its Idempotency-Key.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** A refusal (RFC 9457): its sentence, and a line for every field that has to be mended. */
class Problem extends Error {
  constructor(body) {
    const fields = (body.errors ?? []).map((e) => `  ${e.pointer ?? e.parameter}: ${e.detail}`);
    super([`${body.title}: ${body.detail}`, ...fields, `  (${body.request_id})`].join("\n"));
  }
}

class Countersign {
  constructor(url, key) {
    this.url = url.replace(/\/+$/, "");
    this.key = key;
  }

  async request(method, path, { body = {}, query = {} } = {}) {
    const search = new URLSearchParams(query).toString();
    const init = { method, headers: { Authorization: `Bearer ${this.key}` } };
    if (method === "POST") {
      // One key for all tries: whatever became of the first, it is not done a second time.
      Object.assign(init.headers, { "Content-Type": "application/json", "Idempotency-Key": randomUUID() });
      init.body = JSON.stringify(body);
    }
    for (let attempt = 0; ; attempt++) {
      let wait = 2 ** attempt;
      try {
        const signal = AbortSignal.timeout(30_000);
        const answer = await fetch(this.url + path + (search && `?${search}`), { ...init, signal });
        const read = await answer.json();
        if (answer.ok) return read;
        const inFlight = read.type.endsWith("#idempotency-in-flight");
        if (attempt === 4 || !(inFlight || [429, 503].includes(answer.status))) throw new Problem(read);
        wait = Number(answer.headers.get("Retry-After") ?? wait);
      } catch (error) {
        if (error instanceof Problem || attempt === 4) throw error;
      }
      await sleep(wait * 1000);
    }
  }

  /** Everything of a list, page by page. */
  async *every(path, { after, ...query } = {}) {
    for (;;) {
      const cursor = after ? { starting_after: after } : {};
      const page = await this.request("GET", path, { query: { ...query, ...cursor, limit: 100 } });
      yield* page.data;
      if (!page.has_more) return;
      after = page.data.at(-1).id;
    }
  }
}

const [command, ...given] = process.argv.slice(2);
const client = new Countersign(process.env.COUNTERSIGN_URL ?? "", process.env.COUNTERSIGN_KEY ?? "");

const commands = {
  async invite(organization, name, email, partnerType = "reseller") {
    const body = {
      organization: { name: organization },
      recipient: { name, email },
      offer: { partner_type: partnerType, agreement: true },
    };
    console.log((await client.request("POST", "/v1/invitations", { body })).id);
  },
  async show(id) {
    const found = await client.request("GET", `/v1/invitations/${id}`);
    console.log(found.state, found.recipient.email);
  },
  async list(state) {
    for await (const one of client.every("/v1/invitations", state ? { state } : {})) {
      console.log(one.id, one.state, one.organization.name);
    }
  },
  async revoke(id) {
    console.log((await client.request("POST", `/v1/invitations/${id}/revoke`)).state);
  },
  async events(after) {
    for await (const event of client.every("/v1/events", { after })) console.log(event.id, event.type);
  },
};

try {
  if (!Object.hasOwn(commands, command ?? "")) throw new Error("invite, show, list, revoke or events: see the head of this file");
  await commands[command](...given);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
