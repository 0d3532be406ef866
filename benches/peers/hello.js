// The program that this project takes its idea from, for Node.js: a hello-worker on one port,
// alone or by the cluster module. Headers and body are those of `hello-cluster serve`.
//
//   node hello.js single|round-robin|shared WORKERS
'use strict';

const cluster = require('node:cluster');
const http = require('node:http');

const [mode, workers] = [process.argv[2], Number(process.argv[3])];

function serve(id, onListening) {
  const body = `Hello from worker ${process.pid}\n`;
  const headers = {
    'content-type': 'text/plain',
    'x-worker-id': id,
    'x-worker-pid': process.pid,
    'content-length': Buffer.byteLength(body),
  };
  const server = http.createServer((request, response) => {
    // Keep-alive goes without saying in HTTP/1.1.
    response.removeHeader('connection');
    response.writeHead(200, headers);
    response.end(body);
  });
  // An idle connection stays open, as it does everywhere else here.
  server.keepAliveTimeout = 0;
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
    onListening?.(server.address().port);
  });
}

function fork(id) {
  cluster.fork({ WORKER_ID: id }).once('exit', () => fork(id));
}

const ready = (port) => console.log(`Listening on http://127.0.0.1:${port}`);

// Workers end when their master does: the channel between them closes.
process.once('SIGTERM', () => process.exit(0));

if (cluster.isWorker) {
  serve(Number(process.env.WORKER_ID));
} else if (mode === 'single') {
  serve(1, ready);
} else {
  // SCHED_RR: the master accepts and deals out. SCHED_NONE: all accept on one socket.
  cluster.schedulingPolicy = mode === 'shared' ? cluster.SCHED_NONE : cluster.SCHED_RR;
  let listening = 0;
  cluster.on('listening', (worker, { port }) => {
    listening += 1;
    if (listening === workers) ready(port);
  });
  for (let id = 1; id <= workers; id += 1) fork(id);
}
