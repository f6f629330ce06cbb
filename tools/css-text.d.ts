/** What `import css from './x.css'` gives: the minified text of the style sheet (see css-text.mjs). */
declare module '*.css' {
  const text: string;
  export default text;
}
