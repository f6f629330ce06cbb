/** The house's mark: a speech bubble that smiles. */
export function Mark() {
  return (
    <svg class="mark-of-house" width="40" height="40" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
      <path
        class="mark-bubble"
        d="M8 4h24a6 6 0 0 1 6 6v15a6 6 0 0 1-6 6H19l-8.5 6.5V31H8a6 6 0 0 1-6-6V10a6 6 0 0 1 6-6Z"
      />
      <path class="mark-smile" d="M12.5 17.5c1.5 3.7 4.2 5.5 7.5 5.5s6-1.8 7.5-5.5" />
    </svg>
  );
}
