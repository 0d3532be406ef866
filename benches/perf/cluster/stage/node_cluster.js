// The hello-worker on Node's cluster module, with its round robin: the primary accepts and hands each
// connection to a worker. Started with the number of workers; each worker prints the URL once it listens.
'use strict';

const cluster = require('node:cluster');
const http = require('node:http');

if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  for (let worker = 0; worker < Number(process.argv[2]); worker += 1) {
    cluster.fork();
  }
} else {
  const body = `Hello from worker ${process.pid}\n`;
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length };
  const server = http.createServer((_request, response) => {
    response.writeHead(200, headers);
    response.end(body);
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
    process.stdout.write(`http://127.0.0.1:${server.address().port}/\n`);
  });
}
