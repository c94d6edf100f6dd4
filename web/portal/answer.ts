import { useCallback, useEffect, useState } from "react";

import { asFailure, type Failure } from "../common/api";
import { whenFree } from "./hold";

// What `read` answers; null until then. It is read once for each `read` that is given, so this must
// be one for as long as it means the same, and once more for each call of `again`. An answer is
// kept until the next. A session that has ended is told to onSessionEnd, and is no failure.
export function useAnswer<T>(read: () => Promise<T>, onSessionEnd: () => void) {
  const [answer, setAnswer] = useState<T | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [reads, setReads] = useState(0);
  const again = useCallback(() => setReads((count) => count + 1), []);

  useEffect(() => {
    let current = true;
    setFailure(null);
    read()
      .then((value) => {
        if (current) {
          setAnswer(value);
        }
      })
      .catch((error: unknown) => {
        const failed = asFailure(error);
        if (failed.status === 401) {
          onSessionEnd();
        } else {
          // The page may have nothing but the failure to show.
          whenFree(() => current && setFailure(failed));
        }
      });
    return () => {
      current = false;
    };
  }, [read, onSessionEnd, reads]);

  return { answer, failure, again, reads };
}
