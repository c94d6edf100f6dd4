// A login for the tokens endpoint: a JWT of 15 minutes that lives in this object alone and is gone with the page. The requests
// carry and take no cookie, so the portal's session in the same browser stays what it is.
import { Failure, sendJson } from "../common/api";

export interface Session {
  email: string;
  jwt: string;
}

// Throws Failure.
export async function logIn(email: string, password: string): Promise<Session> {
  const { token } = await sendJson<{ token: string }>(
    "POST",
    "/auth/login",
    { email, password },
    {},
    "omit",
  );
  return { email, jwt: token };
}

interface TokenAnswer {
  data?: { generateToken: { unredactedToken: string } } | null;
  errors?: { message: string }[];
}

// A token for the data endpoints, from a client credential. Throws Failure.
export async function tokenFromCredential(input: {
  clientId: string;
  clientSecret: string;
  companyId?: string;
}): Promise<string> {
  const query =
    "mutation ($input: GenerateTokenInput!) { generateToken(input: $input) { unredactedToken } }";
  const { data, errors } = await sendJson<TokenAnswer>(
    "POST",
    "/api/public/api/v1/tokens/graphql",
    { query, variables: { input } },
    {},
    "omit",
  );
  if (!data) {
    throw new Failure(
      200,
      errors?.[0]?.message ?? "The server gave no token.",
      "Check id, secret and company, then try again.",
    );
  }
  return data.generateToken.unredactedToken;
}
