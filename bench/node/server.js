// The peer: ussd-menu-builder as its README shows it, with one menu for each request (a shared one mixes up its users),
// sessions in Redis, and one process for each core. It reads no database: its balance is a fixed text.
'use strict';

const cluster = require('node:cluster');
const express = require('express');
const { createClient } = require('redis');
const UssdMenu = require('ussd-menu-builder');

const WORKERS = 2;
const SECONDS = 600;

function menuFor(redis) {
  const key = (id) => `node:${id}`;
  const menu = new UssdMenu();
  menu.sessionConfig({
    start: (id) => Promise.all([redis.hSetNX(key(id), 'started', '1'), redis.expire(key(id), SECONDS)]),
    end: (id) => redis.del(key(id)),
    set: (id, name, value) => redis.hSet(key(id), name, value),
    get: (id, name) => redis.hGet(key(id), name),
  });
  menu.startState({
    run: () => {
      menu.session.set('phone', menu.args.phoneNumber).then(() => {
        menu.con('Bench\n1. My balance\n2. Buy shares\n3. Social fund\n4. Repay loan\n5. Pay a fine\n6. Last entries\n7. Language');
      });
    },
    next: { 1: 'balance', 2: 'shares' },
  });
  menu.state('balance', {
    run: () => {
      menu.session.get('phone').then((phone) => {
        menu.con(`Village 1 No.3\nYour balance, ${phone}\n22 shares = KSh 4,400\nLoan KSh 1,000 + charge KSh 10\n0. Back`);
      });
    },
    next: { 0: '__start__' },
  });
  menu.state('shares', { run: () => menu.con('How many?') });
  return menu;
}

async function serve() {
  const redis = createClient({ socket: { path: process.env.REDIS_SOCKET } });
  redis.on('error', (error) => console.error(error));
  await redis.connect();
  const app = express();
  app.use(express.urlencoded({ extended: false }));
  app.post('/ussd', (req, res) => {
    const { sessionId, serviceCode, phoneNumber, text } = req.body;
    const menu = menuFor(redis);
    menu.on('error', (error) => res.status(500).send(String(error)));
    menu.run({ sessionId, serviceCode, phoneNumber, text }, (page) => res.type('text/plain').send(page));
  });
  app.get('/ready', (req, res) => res.send('ready'));
  app.listen(Number(process.env.PORT), '127.0.0.1');
}

if (cluster.isPrimary) {
  for (let i = 0; i < WORKERS; i += 1) cluster.fork();
  process.on('SIGTERM', () => process.exit(0));
} else {
  serve();
}
