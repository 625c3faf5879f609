// An endpoint that takes what Countersign calls it with, once the library has verified it.
//
//     WEBHOOK_SECRET=whsec_… PORT=9000 node receiver.cjs

const http = require("node:http");
const { Webhook } = require("standardwebhooks");

const webhook = new Webhook(process.env.WEBHOOK_SECRET);

http
  .createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const event = webhook.verify(Buffer.concat(chunks).toString("utf8"), request.headers);
      // Whoever has seen this id before is done.
      console.log(JSON.stringify({ id: request.headers["webhook-id"], type: event.type }));
      response.writeHead(204).end();
    } catch (error) {
      console.log(JSON.stringify({ refused: String(error.message) }));
      response.writeHead(400).end();
    }
  })
  .listen(Number(process.env.PORT), "127.0.0.1");
