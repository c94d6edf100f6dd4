import { useCallback, useContext, useState } from "react";

import type { User } from "../common/account";
import { Failure } from "../common/api";
import { formatTime } from "../common/format";
import { CodeBlock, Dialog, FailureNotice, Loading, UserText } from "../common/ui";
import { companyToName, exchangeCommand } from "./address";
import { useAnswer } from "./answer";
import { CompanyChoices, useCoverable } from "./company_choices";
import {
  DescriptionField,
  DialogForm,
  makeSecret,
  Once,
  RevokeDialog,
  type Ending,
} from "./dialog_form";
import {
  createCredential,
  readCompany,
  restrictCredential,
  revokeCredential,
  rotateCredential,
  withdrawCredential,
  type NewSecret as Secret,
} from "./operations";
import { entered, problemOf, RestrictionFields, restrictionsOf } from "./restrictions";
import { SessionEnd } from "./session_end";
import type { Company, CompanyView, Credential, Restrictions } from "./types";

const unrestricted: Restrictions = { networks: [], endpoints: [] };

export function CreateCredential({
  csrf,
  company,
  me,
  dataEndpoints,
  onClose,
  onDone,
}: Ending & { company: Company; me: User | null; dataEndpoints: string[] }) {
  const companies = useCoverable(csrf, me, company);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set([company.id]));
  const [description, setDescription] = useState("");
  const [limits, setLimits] = useState(() => entered(unrestricted, dataEndpoints));
  const [made, setMade] = useState<Secret | null>(null);
  if (made) {
    return <NewSecret title="Credential created" {...{ made, company, onClose }} />;
  }
  return (
    <Dialog
      title="Create a credential"
      intro="It can be exchanged for tokens by whoever knows its secret, until it is revoked."
      onClose={onClose}
    >
      <DialogForm
        action="Create credential"
        onClose={onClose}
        check={() => (chosen.size === 0 ? "Choose at least one company." : problemOf(limits))}
        run={() =>
          makeSecret(
            () =>
              createCredential(csrf, company.slug, {
                companyIds: [...chosen],
                description: description.trim(),
                ...restrictionsOf(limits, dataEndpoints),
              }),
            setMade,
            onDone,
          )
        }
      >
        <DescriptionField
          id="credential-description"
          value={description}
          onChange={setDescription}
          hint="What uses it, such as “Nightly warehouse sync”."
        />
        <CompanyChoices companies={companies} chosen={chosen} onChange={setChosen} />
        <RestrictionFields value={limits} dataEndpoints={dataEndpoints} onChange={setLimits} />
      </DialogForm>
    </Dialog>
  );
}

// Changes where a credential's tokens work, from the next request on. What is saved takes the place
// of all that holds then, so this begins with what the server has, however old the page is.
export function RestrictCredential({
  slug,
  credential,
  ...ending
}: Ending & { slug: string; credential: Credential }) {
  const read = useCallback(() => readCompany(ending.csrf, slug), [ending.csrf, slug]);
  const { answer, failure, again } = useAnswer(read, useContext(SessionEnd));
  return (
    <Dialog
      title="Restrict the credential"
      intro={
        <>
          <UserText text={credential.description || credential.clientId} /> and every token made from
          it are held to this from the next request on.
        </>
      }
      onClose={ending.onClose}
    >
      {answer ? (
        <RestrictForm {...ending} {...{ slug, credential }} view={answer} />
      ) : (
        <div className="dialog-body">
          {failure ? (
            <FailureNotice failure={failure} retry={again} />
          ) : (
            <Loading what="its restrictions" />
          )}
        </div>
      )}
    </Dialog>
  );
}

function RestrictForm({
  csrf,
  slug,
  credential,
  view: { restrictions, dataEndpoints },
  onClose,
  onDone,
}: Ending & { slug: string; credential: Credential; view: CompanyView }) {
  const [limits, setLimits] = useState(() =>
    entered(restrictions.find(({ id }) => id === credential.id) ?? unrestricted, dataEndpoints),
  );
  return (
    <DialogForm
      action="Save restrictions"
      onClose={onClose}
      check={() => problemOf(limits)}
      run={async () => {
        await restrictCredential(csrf, slug, credential.id, restrictionsOf(limits, dataEndpoints));
        onDone();
        onClose();
      }}
    >
      <RestrictionFields value={limits} dataEndpoints={dataEndpoints} onChange={setLimits} />
    </DialogForm>
  );
}

const overlaps = [
  { seconds: 0, name: "At once" },
  { seconds: 3_600, name: "In an hour" },
  { seconds: 86_400, name: "In a day" },
  { seconds: 259_200, name: "In three days" },
  { seconds: 604_800, name: "In a week" },
];

export function RotateCredential({
  csrf,
  credential,
  company,
  onClose,
  onDone,
}: Ending & { credential: Credential; company: Company }) {
  const [overlap, setOverlap] = useState(86_400);
  const [made, setMade] = useState<Secret | null>(null);
  if (made) {
    return <NewSecret title="Secret rotated" {...{ made, company, onClose }} />;
  }
  return (
    <Dialog
      title="Rotate the secret"
      intro={
        <>
          <UserText text={credential.description || credential.clientId} /> gets a new secret and
          keeps its client id. Both secrets work until the old one ends.
        </>
      }
      onClose={onClose}
    >
      <DialogForm
        action="Rotate secret"
        onClose={onClose}
        run={() => makeSecret(() => rotateCredential(csrf, credential.id, overlap), setMade, onDone)}
      >
        <div className="field">
          <label htmlFor="overlap">The old secret ends</label>
          <select
            id="overlap"
            className="select"
            autoFocus
            value={overlap}
            onChange={(event) => setOverlap(Number(event.target.value))}
          >
            {overlaps.map(({ seconds, name }) => (
              <option key={seconds} value={seconds}>
                {name}
              </option>
            ))}
          </select>
        </div>
        {overlap === 0 ? (
          <div className="notice warn">
            <strong>Systems that still use the old secret fail at once.</strong>
          </div>
        ) : null}
        {credential.previousSecretExpiresAt ? (
          <div className="notice warn">
            <strong>An earlier rotation still overlaps.</strong>
            <span>The secret from before it ends now, whatever you choose here.</span>
          </div>
        ) : null}
      </DialogForm>
    </Dialog>
  );
}

// Ends a credential; where it covers other companies too, by choice only its access to this one.
export function RevokeCredential({
  credential,
  company,
  ...ending
}: Ending & { credential: Credential; company: Company }) {
  const [isShared, setIsShared] = useState(credential.companyIds.length > 1);
  const [whole, setWhole] = useState(!isShared);
  const revoke = async () => {
    if (!whole) {
      return withdrawCredential(ending.csrf, company.slug, credential.id);
    }
    try {
      await revokeCredential(ending.csrf, credential.id);
    } catch (error) {
      if (error instanceof Failure && error.status === 403) {
        setIsShared(true);
        setWhole(false);
        throw new Failure(403, error.message, "You can take your company away from it.");
      }
      throw error;
    }
  };
  return (
    <RevokeDialog
      {...ending}
      noun="credential"
      name={credential.description || credential.clientId}
      consequence={
        whole
          ? "Its secret and every token made from it stop working with the next request."
          : "Its tokens read nothing of this company from the next request on."
      }
      lastUsedAt={credential.lastUsedAt}
      revoke={revoke}
    >
      {isShared ? (
        <fieldset>
          <legend>What ends</legend>
          <label className="check">
            <input type="radio" name="ends" checked={!whole} onChange={() => setWhole(false)} />
            <span>
              Its access to <UserText text={company.name} />
            </span>
          </label>
          <label className="check">
            <input type="radio" name="ends" checked={whole} onChange={() => setWhole(true)} />
            The credential, for every company that it covers
          </label>
        </fieldset>
      ) : null}
    </RevokeDialog>
  );
}

function NewSecret({
  title,
  made,
  company,
  onClose,
}: {
  title: string;
  made: Secret;
  company: Company;
  onClose: () => void;
}) {
  const { clientId, companyIds, previousSecretExpiresAt } = made;
  return (
    <Once title={title} what="secret" onClose={onClose}>
      <div className="field">
        <span className="label">Client id</span>
        <CodeBlock label="the client id" text={clientId} />
      </div>
      <div className="field">
        <span className="label">Client secret</span>
        <CodeBlock label="the client secret" text={made.clientSecret} />
      </div>
      {previousSecretExpiresAt ? (
        <p className="muted">The old secret works until {formatTime(previousSecretExpiresAt)}.</p>
      ) : null}
      <div className="field">
        <span className="label">Exchange it for a token</span>
        <CodeBlock
          label="the command that exchanges the credential"
          text={exchangeCommand(clientId, made.clientSecret, companyToName(companyIds, company))}
        />
      </div>
    </Once>
  );
}
