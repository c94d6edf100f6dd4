import { useEffect, useState } from "react";

type Health = "asking" | "ready" | "not ready" | "silent";

const words: Record<Health, { text: string; tone: string }> = {
  asking: { text: "Asking the server …", tone: "" },
  ready: { text: "Ready", tone: "ok" },
  "not ready": { text: "Not ready: the store is not reachable or the server is stopping", tone: "warn" },
  silent: { text: "The server does not answer", tone: "danger" },
};

// The version of the program and whether it is ready to answer.
export function Status() {
  const [health, setHealth] = useState<Health>("asking");
  useEffect(() => {
    const abort = new AbortController();
    fetch("/readyz", { signal: abort.signal })
      .then((response) => setHealth(response.ok ? "ready" : "not ready"))
      .catch(() => {
        if (!abort.signal.aborted) {
          setHealth("silent");
        }
      });
    return () => abort.abort();
  }, []);
  return (
    <footer className="status-line small">
      <span>
        Version <span className="mono">{__MATRICULA_VERSION__}</span>
      </span>
      <span className={`badge ${words[health].tone}`} role="status">
        {words[health].text}
      </span>
      <span>
        For machines: <a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>,{" "}
        <a href="/metrics">/metrics</a>
      </span>
    </footer>
  );
}
