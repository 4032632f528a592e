// As much of Next.js and SvelteKit as docs/server-side-rendering.md calls, with their own types.

declare module "next/headers" {
  type Attributes = {
    path?: string;
    sameSite?: boolean | "lax" | "strict" | "none";
    secure?: boolean;
    httpOnly?: boolean;
    maxAge?: number;
    domain?: string;
  };
  export function cookies(): Promise<{
    get(name: string): { name: string; value: string } | undefined;
    set(name: string, value: string, attributes?: Attributes): void;
  }>;
}

declare module "next/navigation" {
  export function redirect(location: string): never;
}

declare module "@sveltejs/kit" {
  type Event = {
    cookies: {
      get(name: string): string | undefined;
      set(
        name: string,
        value: string,
        attributes: import("next/headers").Attributes & { path: string },
      ): void;
    };
    locals: { client: import("lingauth").Client };
  };
  export type Handle = (input: {
    event: Event;
    resolve(event: Event): Promise<Response>;
  }) => Promise<Response>;
}
