import { useState } from "react";

import { asFailure, type Failure } from "./api";

// Work that a control starts: whether it is under way, and how the last one failed. With
// onSessionEnd, the end of the session is no failure: that is called.
export function useWork(onSessionEnd?: () => void) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const start = async (work: () => Promise<void>) => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
    } catch (error) {
      const failed = asFailure(error);
      if (onSessionEnd && failed.status === 401) {
        onSessionEnd();
      } else {
        setFailure(failed);
      }
    }
    setBusy(false);
  };
  return { busy, failure, start };
}
