declare module "virtual:endpoints" {
  export interface Example {
    title: string;
    query: string;
    variables: string;
  }

  export interface Endpoint {
    name: string;
    path: string;
    title: string;
    sdl: string;
    examples: Example[];
  }

  const endpoints: Endpoint[];
  export default endpoints;
}
