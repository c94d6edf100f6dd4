import { useContext, useState, type FormEvent, type ReactNode } from "react";

import { asFailure, Failure } from "../common/api";
import { formatTime } from "../common/format";
import { Dialog, FailureNotice, useHeldDialog, UserText, WorkButton } from "../common/ui";
import { useWork } from "../common/work";
import { useHeldPage } from "./history";
import { useHold } from "./hold";
import { SessionEnd } from "./session_end";

interface FormProps {
  action: string;
  dangerous?: boolean;
  children: ReactNode;
  onClose: () => void;
  // What is wrong with the input, if anything is.
  check?: () => string | null;
  // Does it. A failure is shown, and the form stays as it is; the end of the session leads to the
  // log-in.
  run: () => Promise<void>;
}

// The fields of a dialog and its two buttons.
export function DialogForm({ action, dangerous, children, onClose, check, run }: FormProps) {
  const onSessionEnd = useContext(SessionEnd);
  const { busy, failure, start } = useWork(onSessionEnd);
  const [wrong, setWrong] = useState<string | null>(null);
  useHeldDialog(busy);
  useHold(busy);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) {
      return;
    }
    const problem = check?.() ?? null;
    setWrong(problem);
    if (!problem) {
      void start(run);
    }
  };
  return (
    <form onSubmit={submit}>
      <div className="dialog-body">
        {children}
        {wrong ? (
          <p className="field-error" role="alert">
            {wrong}
          </p>
        ) : null}
        {failure ? <FailureNotice failure={failure} /> : null}
      </div>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onClose} disabled={busy}>
          Cancel
        </button>
        <WorkButton busy={busy} className={dangerous ? "danger primary" : "primary"}>
          {action}
        </WorkButton>
      </div>
    </form>
  );
}

// Makes something whose secret is in the answer alone, and shows it before the page is read again:
// that may end the session. Where no answer came it may be made all the same, and with a second
// attempt there would be two: so the page is read again, and the advice is to look. Throws Failure.
export async function makeSecret<T>(
  make: () => Promise<T>,
  show: (made: T) => void,
  onDone: () => void,
): Promise<void> {
  try {
    show(await make());
    onDone();
  } catch (error) {
    const { status, message, requestId } = asFailure(error);
    if (status !== 0 && status < 500) {
      throw error;
    }
    onDone();
    throw new Failure(
      status,
      message,
      "It may be done all the same: close this and look at the list before you try again.",
      requestId,
    );
  }
}

// A dialog with what exists nowhere else: it is left by its button alone, neither by Escape nor by
// the browser's back button nor by the end of the session.
export function Once({
  title,
  what,
  children,
  onClose,
}: {
  title: string;
  what: string;
  children: ReactNode;
  onClose: () => void;
}) {
  useHeldPage();
  useHold(true);
  return (
    <Dialog title={title} onClose={onClose} locked>
      <div className="dialog-body">
        <div className="notice warn" role="alert">
          <strong>Copy the {what} now.</strong>
          <span>It is shown this once. The server keeps no copy that anyone could read.</span>
        </div>
        {children}
      </div>
      <div className="dialog-foot">
        <button type="button" className="button primary" onClick={onClose}>
          I have kept the {what}
        </button>
      </div>
    </Dialog>
  );
}

// What every dialog that changes something is given.
export interface Ending {
  csrf: string;
  onClose: () => void;
  // Called once the change is made, before the dialog is left.
  onDone: () => void;
}

// Asks before an item of the name, and everything that works by it, stops working.
export function RevokeDialog({
  noun,
  name,
  consequence,
  lastUsedAt,
  revoke,
  children,
  onClose,
  onDone,
}: Omit<Ending, "csrf"> & {
  noun: string;
  name: string;
  consequence: string;
  lastUsedAt: string | null;
  revoke: () => Promise<unknown>;
  // What else there is to choose.
  children?: ReactNode;
}) {
  return (
    <Dialog title={`Revoke the ${noun}?`} intro={<UserText text={name} />} onClose={onClose}>
      <DialogForm
        action={`Revoke ${noun}`}
        dangerous
        onClose={onClose}
        run={async () => {
          await revoke();
          onDone();
          onClose();
        }}
      >
        {children}
        <p>{consequence} This cannot be undone.</p>
        {lastUsedAt ? <p className="muted">Last used {formatTime(lastUsedAt)}.</p> : null}
      </DialogForm>
    </Dialog>
  );
}

// The first field of a dialog that makes something.
export function DescriptionField({
  id,
  value,
  onChange,
  hint,
}: {
  id: string;
  value: string;
  onChange: (text: string) => void;
  hint?: string;
}) {
  const hintId = `${id}-hint`;
  return (
    <div className="field">
      <label htmlFor={id}>Description</label>
      <input
        id={id}
        className="input"
        maxLength={250}
        dir="auto"
        autoFocus
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={hint ? hintId : undefined}
      />
      {hint ? (
        <span id={hintId} className="hint">
          {hint}
        </span>
      ) : null}
    </div>
  );
}
