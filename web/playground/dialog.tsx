import { type FormEvent, type InputHTMLAttributes, type ReactNode, useId } from "react";

import { Dialog, FailureNotice, WorkButton, useHeldDialog } from "../common/ui";
import { useWork } from "../common/work";

interface Props {
  title: string;
  intro: string;
  action: string;
  children: ReactNode;
  // Does the work with what the form holds; a Failure is shown, and the dialog stays.
  onSubmit(data: FormData): Promise<void>;
  onClose(): void;
}

// A form in a dialog, with progress and failures in view.
export function FormDialog({ title, intro, ...form }: Props) {
  return (
    <Dialog title={title} intro={intro} onClose={form.onClose}>
      <DialogForm {...form} />
    </Dialog>
  );
}

function DialogForm({ action, children, onSubmit, onClose }: Omit<Props, "title" | "intro">) {
  const { busy, failure, start } = useWork();
  useHeldDialog(busy);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    if (!busy) {
      void start(async () => {
        await onSubmit(data);
        onClose();
      });
    }
  }

  return (
    <form onSubmit={submit}>
      <div className="dialog-body">
        {children}
        {failure ? <FailureNotice failure={failure} /> : null}
      </div>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onClose} disabled={busy}>
          Cancel
        </button>
        <WorkButton busy={busy} className="primary">
          {action}
        </WorkButton>
      </div>
    </form>
  );
}

// Takes what an <input> takes.
export function Field(
  props: InputHTMLAttributes<HTMLInputElement> & { label: string; hint?: string },
) {
  const { label, hint, ...input } = props;
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        spellCheck={false}
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...input}
      />
      {hint ? (
        <span id={`${id}-hint`} className="hint">
          {hint}
        </span>
      ) : null}
    </div>
  );
}
