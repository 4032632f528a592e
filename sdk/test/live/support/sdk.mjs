// The SDK in its one file, as tests/clients/sdk.py had it made from the source.
export const { createClient, isMfaRequired, isStepUpCancelled } = await import(
  process.env.LINGAUTH_SDK
);
