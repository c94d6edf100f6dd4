import { Failure, sendJson, tokensOperation } from "../common/api";
import type { CompanyView, Credential, Restrictions, Token } from "./types";

const credentialFields = `id clientId redactedSecret description companyIds createdAt lastUsedAt
  previousSecretExpiresAt revokedAt`;
const tokenFields = `id redactedToken description createdAt expiresAt revokedAt lastUsedAt
  scopes { scopeKey }`;

// What the portal shows of a company beside GraphQL. Throws Failure.
export function readCompany(csrf: string, slug: string): Promise<CompanyView> {
  return sendJson("GET", `/portal/api/companies/${encodeURIComponent(slug)}`, undefined, {
    "X-CSRF-Token": csrf,
  });
}

export interface Access {
  clientCredentials: Credential[];
  tokens: Token[];
}

export function readAccess(csrf: string, companyId: string): Promise<Access> {
  return tokensOperation(
    csrf,
    `query Access($companyId: ID!) {
      clientCredentials(companyId: $companyId) { ${credentialFields} }
      tokens { ${tokenFields} }
    }`,
    { companyId },
  );
}

// A credential with the secret that is shown this once.
export interface NewSecret {
  clientId: string;
  clientSecret: string;
  companyIds: string[];
  previousSecretExpiresAt: string | null;
}

// Runs a change of a whole credential, which only who administers all of its companies may make. Its
// other companies are not shown, so that this is known from the refusal alone. Throws Failure.
async function changeWhole<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    throw error instanceof Failure && error.status === 403
      ? new Failure(
          403,
          "You do not administer every company of this credential.",
          "Ask an admin of all of them, or staff.",
          error.requestId,
        )
      : error;
  }
}

// Sends a change of a company's credentials that the tokens endpoint does not offer. Throws Failure.
function changeCredentials<T>(csrf: string, slug: string, path: string, body: unknown): Promise<T> {
  return changeWhole(
    sendJson<T>(
      "POST",
      `/portal/api/companies/${encodeURIComponent(slug)}/credentials${path}`,
      body,
      { "X-CSRF-Token": csrf },
    ),
  );
}

export async function createCredential(
  csrf: string,
  slug: string,
  input: { companyIds: string[]; description: string } & Restrictions,
): Promise<NewSecret> {
  const made = await changeCredentials<Omit<NewSecret, "previousSecretExpiresAt">>(
    csrf,
    slug,
    "",
    input,
  );
  return { ...made, previousSecretExpiresAt: null };
}

export function restrictCredential(
  csrf: string,
  slug: string,
  credentialId: string,
  restrictions: Restrictions,
): Promise<void> {
  return changeCredentials(csrf, slug, `/${credentialId}/restrictions`, restrictions);
}

// Takes the company away from a credential, which may go on to cover others.
export function withdrawCredential(csrf: string, slug: string, credentialId: string): Promise<void> {
  return changeCredentials(csrf, slug, `/${credentialId}/withdraw`, undefined);
}

export async function rotateCredential(
  csrf: string,
  credentialId: string,
  overlapSeconds: number,
): Promise<NewSecret> {
  const { made } = await changeWhole(
    tokensOperation<{ made: { clientSecret: string; credential: Credential } }>(
      csrf,
      `mutation Rotate($credentialId: ID!, $overlapSeconds: Int!) {
        made: rotateClientCredential(credentialId: $credentialId, overlapSeconds: $overlapSeconds) {
          clientSecret credential { ${credentialFields} }
        }
      }`,
      { credentialId, overlapSeconds },
    ),
  );
  return { ...made.credential, clientSecret: made.clientSecret };
}

export function revokeCredential(csrf: string, credentialId: string): Promise<unknown> {
  return changeWhole(
    tokensOperation(
      csrf,
      `mutation Revoke($credentialId: ID!) { revokeClientCredential(credentialId: $credentialId) }`,
      { credentialId },
    ),
  );
}

export interface NewToken {
  unredactedToken: string;
  token: Token;
}

export async function createToken(
  csrf: string,
  companyId: string,
  description: string,
  expiresAt: string | null,
): Promise<NewToken> {
  const data = await tokensOperation<{ made: NewToken }>(
    csrf,
    `mutation Create($input: CreateTokenInput!) {
      made: createToken(input: $input) { unredactedToken token { ${tokenFields} } }
    }`,
    { input: { description, companyId, expiresAt } },
  );
  return data.made;
}

export function revokeToken(csrf: string, tokenId: string): Promise<unknown> {
  return tokensOperation(csrf, `mutation Revoke($tokenId: ID!) { revokeToken(tokenId: $tokenId) }`, {
    tokenId,
  });
}
