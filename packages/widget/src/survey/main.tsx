import { startSurvey } from './survey-page.tsx';

const root = document.getElementById('survey');
if (root === null) throw new Error('The page has no element with the id "survey".');
void startSurvey(root, { token: location.hash.slice(1), fetch: fetch.bind(globalThis), wishes: navigator.languages });
