/** Puts the number of unread messages before the page's title, and takes exactly that away again. A title the page sets meanwhile wins. */
export function createTitle() {
  let original = '';
  let shown = '';
  return (unread: number) => {
    if (shown && document.title === shown) document.title = original;
    shown = '';
    if (unread < 1) return;
    original = document.title;
    shown = document.title = `(${unread}) ${original}`;
  };
}
