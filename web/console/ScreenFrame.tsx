import { ComponentType, useEffect, useState } from "react";
import { Reading } from "./States";
import type { Screen, ScreenProps } from "./screens";

/** What was read stays: going back to a screen shows it at once. */
const known = new Map<string, ComponentType<ScreenProps>>();

/** A screen, once its part of the program is here. */
export function ScreenFrame({ screen, props }: { screen: Screen; props: ScreenProps }) {
  const [view, setView] = useState<ComponentType<ScreenProps> | null>(() => known.get(screen.path) ?? null);
  const [hasFailed, setFailed] = useState(false);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (view) return;
    let isCurrent = true;
    setFailed(false);
    screen.load().then((loaded) => {
      known.set(screen.path, loaded);
      if (isCurrent) setView(() => loaded);
    }, () => isCurrent && setFailed(true));
    return () => {
      isCurrent = false;
    };
  }, [screen, view, round]);
  if (view) {
    const View = view;
    return <View {...props} />;
  }
  if (!hasFailed) return <Reading />;
  return (
    <div className="empty" role="alert">
      <h1>This screen could not be read</h1>
      <p>The server cannot be reached, or it was upgraded meanwhile. What runs goes on.</p>
      <div className="choices">
        <button type="button" className="button" onClick={() => setRound(round + 1)}>Try again</button>
        <button type="button" className="button" onClick={() => location.reload()}>Load the page again</button>
      </div>
    </div>
  );
}
