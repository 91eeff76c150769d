import { Component, ReactNode } from "react";
import { sentence } from "../shared/api";

/** A screen that cannot be drawn must not take the others with it: it says so, and can be tried again. */
export class Broken extends Component<{ children: ReactNode }, { error: string | null }> {
  override state = { error: null as string | null };

  static getDerivedStateFromError(error: unknown): { error: string } {
    return { error: sentence(error) };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="empty" role="alert">
        <h1>This screen cannot be shown</h1>
        <p>That is a mistake of the program. Nothing is lost; what runs goes on.</p>
        <p><code className="mono">{this.state.error}</code></p>
        <button type="button" className="button" onClick={() => this.setState({ error: null })}>Try again</button>
      </div>
    );
  }
}
