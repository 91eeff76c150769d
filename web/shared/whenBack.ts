/** Tries again when the server may be back: some seconds later, or as soon as the browser says that there is a network; ends with the returned function. */
export function whenBack(retry: () => void): () => void {
  let timer = 0;
  const end = () => {
    window.clearTimeout(timer);
    window.removeEventListener("online", again);
  };
  const again = () => {
    end();
    retry();
  };
  timer = window.setTimeout(again, 3_000);
  window.addEventListener("online", again);
  return end;
}
