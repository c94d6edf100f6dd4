import { useState } from "react";

import { CodeBlock, CopyButton, Time, UserText } from "../common/ui";
import { exchangeCommand } from "./address";
import { CreateCredential, RevokeCredential, RotateCredential } from "./credential_dialogs";
import { ListControls, ListFoot, useList } from "./list";
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
  const credentials = access.clientCredentials;
  const list = useList(
    credentials,
    (credential) => `${credential.description} ${credential.clientId}`,
    (credential) => credential.revokedAt !== null,
  );
  const close = () => setOpen(null);
  const create = (
    <button type="button" className="button primary" onClick={() => setOpen({ kind: "create" })}>
      Create credential
    </button>
  );
  return (
    <section id="credentials" className="card" aria-labelledby="credentials-title">
      <div className="card-head">
        <div>
          <h2 id="credentials-title">Client credentials</h2>
          <p>For systems: a client id and a secret that are exchanged for tokens of one hour.</p>
        </div>
        {create}
      </div>
      {credentials.length === 0 ? (
        <div className="empty">
          <h3>No credentials yet</h3>
          <p>
            Create one, keep its secret where your systems find it, and exchange it for a token with
            this command:
          </p>
          <CodeBlock
            label="the command that exchanges a credential"
            text={exchangeCommand("YOUR_CLIENT_ID", "YOUR_CLIENT_SECRET", null)}
          />
        </div>
      ) : (
        <>
          <ListControls list={list} noun="credential" ended="revoked" />
          <div className="table-wrap">
            <table className="table stack">
              <thead>
                <tr>
                  <th scope="col">Credential</th>
                  <th scope="col">Secret</th>
                  <th scope="col">Created</th>
                  <th scope="col">Last used</th>
                  <th scope="col">Status</th>
                  <th scope="col">
                    <span className="visually-hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.shown.map((credential) => (
                  <CredentialRow
                    key={credential.id}
                    credential={credential}
                    onRotate={() => setOpen({ kind: "rotate", credential })}
                    onRevoke={() => setOpen({ kind: "revoke", credential })}
                  />
                ))}
              </tbody>
            </table>
          </div>
          <ListFoot list={list} noun="credential" />
        </>
      )}
      {open?.kind === "create" ? (
        <CreateCredential
          csrf={csrf}
          company={company}
          me={access.me}
          onClose={close}
          onDone={onChange}
        />
      ) : open?.kind === "rotate" ? (
        <RotateCredential
          csrf={csrf}
          credential={open.credential}
          onClose={close}
          onDone={onChange}
        />
      ) : open?.kind === "revoke" ? (
        <RevokeCredential
          csrf={csrf}
          credential={open.credential}
          onClose={close}
          onDone={onChange}
        />
      ) : null}
    </section>
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
      <td data-label="Credential">
        <div className="row-name">
          {credential.description ? (
            <UserText text={credential.description} />
          ) : (
            <span className="muted">No description</span>
          )}
        </div>
        <div className="row-id">
          <code>{credential.clientId}</code>
          <CopyButton text={credential.clientId} label={`Copy the client id of ${name}`} />
        </div>
        {companies > 1 ? <div className="small muted">Covers {companies} companies</div> : null}
      </td>
      <td data-label="Secret">
        <code>{credential.redactedSecret}</code>
        {credential.previousSecretExpiresAt && !credential.revokedAt ? (
          <div className="small muted">
            The one before works until <Time value={credential.previousSecretExpiresAt} />
          </div>
        ) : null}
      </td>
      <td data-label="Created">
        <Time value={credential.createdAt} />
      </td>
      <td data-label="Last used">
        {credential.lastUsedAt ? (
          <Time value={credential.lastUsedAt} />
        ) : (
          <span className="muted">Never</span>
        )}
      </td>
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
            <button
              type="button"
              className="button small danger"
              onClick={onRevoke}
              aria-label={`Revoke ${name}`}
            >
              Revoke
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}
