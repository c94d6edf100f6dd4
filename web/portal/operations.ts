import { tokensOperation } from "../common/api";
import type { Credential, Token, User } from "./types";

const credentialFields = `id clientId redactedSecret description companyIds createdAt lastUsedAt
  previousSecretExpiresAt revokedAt`;
const tokenFields = `id redactedToken description createdAt expiresAt revokedAt lastUsedAt
  scopes { scopeKey }`;

export interface Access {
  me: User;
  clientCredentials: Credential[];
  tokens: Token[];
}

export function readAccess(csrf: string, companyId: string): Promise<Access> {
  return tokensOperation(
    csrf,
    `query Access($companyId: ID!) {
      me { email firstName lastName isStaff adminOf { id slug name } }
      clientCredentials(companyId: $companyId) { ${credentialFields} }
      tokens { ${tokenFields} }
    }`,
    { companyId },
  );
}

// A credential with the secret that is shown this once.
export interface NewCredential {
  clientSecret: string;
  credential: Credential;
}

export async function createCredential(
  csrf: string,
  companyIds: string[],
  description: string,
): Promise<NewCredential> {
  const data = await tokensOperation<{ made: NewCredential }>(
    csrf,
    `mutation Create($input: CreateClientCredentialInput!) {
      made: createClientCredential(input: $input) { clientSecret credential { ${credentialFields} } }
    }`,
    { input: { companyIds, description } },
  );
  return data.made;
}

export async function rotateCredential(
  csrf: string,
  credentialId: string,
  overlapSeconds: number,
): Promise<NewCredential> {
  const data = await tokensOperation<{ made: NewCredential }>(
    csrf,
    `mutation Rotate($credentialId: ID!, $overlapSeconds: Int!) {
      made: rotateClientCredential(credentialId: $credentialId, overlapSeconds: $overlapSeconds) {
        clientSecret credential { ${credentialFields} }
      }
    }`,
    { credentialId, overlapSeconds },
  );
  return data.made;
}

export function revokeCredential(csrf: string, credentialId: string): Promise<unknown> {
  return tokensOperation(
    csrf,
    `mutation Revoke($credentialId: ID!) { revokeClientCredential(credentialId: $credentialId) }`,
    { credentialId },
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
