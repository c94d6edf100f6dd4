import { useState } from "react";

import { CodeBlock, CopyButton, Time } from "../common/ui";
import { exchangeCommand } from "./address";
import { CreateCredential, RevokeCredential, RotateCredential } from "./credential_dialogs";
import { useList } from "./list";
import { ListSection, NameCell, RevokeButton, TimeCell } from "./list_section";
import type { Access } from "./operations";
import type { Company, Credential } from "./types";

type Open = { kind: "create" } | { kind: "rotate" | "revoke"; credential: Credential } | null;

interface Props {
  csrf: string;
  company: Company;
  access: Access;
  onChange: () => void;
}

export function Credentials({ csrf, company, access, onChange }: Props) {
  const [open, setOpen] = useState<Open>(null);
  const list = useList(
    access.clientCredentials,
    (credential) => `${credential.description} ${credential.clientId}`,
    (credential) => credential.revokedAt !== null,
  );
  const ending = { csrf, onClose: () => setOpen(null), onDone: onChange };
  return (
    <ListSection
      id="credentials"
      title="Client credentials"
      intro="For systems: a client id and a secret that are exchanged for tokens of one hour."
      list={list}
      noun="credential"
      ended="revoked"
      onCreate={() => setOpen({ kind: "create" })}
      columns={["Credential", "Secret", "Created", "Last used", "Status"]}
      row={(credential) => (
        <CredentialRow
          key={credential.id}
          credential={credential}
          onRotate={() => setOpen({ kind: "rotate", credential })}
          onRevoke={() => setOpen({ kind: "revoke", credential })}
        />
      )}
      empty={
        <>
          <h3>No credentials yet</h3>
          <p>
            Create one, keep its secret where your systems find it, and exchange it for a token with
            this command:
          </p>
          <CodeBlock
            label="the command that exchanges a credential"
            text={exchangeCommand("YOUR_CLIENT_ID", "YOUR_CLIENT_SECRET", null)}
          />
        </>
      }
    >
      {open?.kind === "create" ? (
        <CreateCredential {...ending} company={company} me={access.me} />
      ) : open?.kind === "rotate" ? (
        <RotateCredential {...ending} credential={open.credential} />
      ) : open?.kind === "revoke" ? (
        <RevokeCredential {...ending} credential={open.credential} />
      ) : null}
    </ListSection>
  );
}

function CredentialRow({
  credential,
  onRotate,
  onRevoke,
}: {
  credential: Credential;
  onRotate: () => void;
  onRevoke: () => void;
}) {
  const name = credential.description || credential.clientId;
  const companies = credential.companyIds.length;
  return (
    <tr>
      <NameCell column="Credential" description={credential.description}>
        <div className="row-id">
          <code>{credential.clientId}</code>
          <CopyButton text={credential.clientId} label={`Copy the client id of ${name}`} />
        </div>
        {companies > 1 ? <div className="small muted">Covers {companies} companies</div> : null}
      </NameCell>
      <td data-label="Secret">
        <code>{credential.redactedSecret}</code>
        {credential.previousSecretExpiresAt && !credential.revokedAt ? (
          <div className="small muted">
            The one before works until <Time value={credential.previousSecretExpiresAt} />
          </div>
        ) : null}
      </td>
      <TimeCell column="Created" value={credential.createdAt} />
      <TimeCell column="Last used" value={credential.lastUsedAt} />
      <td data-label="Status">
        {credential.revokedAt ? (
          <span className="badge danger">Revoked</span>
        ) : (
          <span className="badge ok">Active</span>
        )}
      </td>
      <td className="actions">
        {credential.revokedAt ? null : (
          <div className="button-row">
            <button type="button" className="button small" onClick={onRotate} aria-label={`Rotate ${name}`}>
              Rotate
            </button>
            <RevokeButton name={name} onClick={onRevoke} />
          </div>
        )}
      </td>
    </tr>
  );
}
