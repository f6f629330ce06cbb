import { createServer } from 'node:http';

const page = `<!doctype html>
<html lang="en">
  <title>My shop</title>
  <script async src="http://127.0.0.1:4310/widget.js" data-site="pk_my_first_shop"></script>
  <h1>My shop</h1>
</html>`;

createServer((_, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end(page)).listen(
  8080,
  () => console.log('My shop is at http://localhost:8080'),
);
