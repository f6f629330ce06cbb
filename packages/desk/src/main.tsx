import { createAgent } from '@sveiki/sdk/agent';
import { render } from 'preact';
import { createDesk } from './models/desk.ts';
import { App } from './screens/app.tsx';
import { adoptStyles } from './styles/styles.ts';
import { browserSurroundings } from './surroundings/browser.ts';

const root = document.getElementById('desk');
if (root === null) throw new Error('The page has no element with the id "desk".');
adoptStyles(document);
const desk = createDesk(createAgent({ client: 'desk' }), browserSurroundings());
render(<App desk={desk} />, root);
void desk.session.start();
