import { z } from 'zod';

const positive = z.number().gt(0);

export const chatOptions = z.strictObject({
  url: z
    .string()
    .regex(/^https?:\/\/[^\s@]+$/, 'an http(s) address without a user or a password in it')
    .describe('where the endpoint is, up to and with /v1; Ollama’s is `http://localhost:11434/v1`'),
  model: z.string().min(1).describe('name of the model there'),
  tasks: z
    .string()
    .min(1)
    .describe('what the tasks are: a folder of images, named as the tasks, or a table with their ids and texts'),
  text: z.string().min(1).nullable().default(null).describe('column of the texts; null: "text", or the only other one'),
  question: z.string().min(1).default('Which class is this?').describe('what the model is asked'),
  guidelines: z.string().default('').describe('how to decide'),
  describe: z.record(z.string(), z.string()).default({}).describe('what each class means, by its name'),
  keyVariable: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'the name of an environment variable')
    .default('OPENAI_API_KEY')
    .describe('environment variable that holds the key; without it none is sent'),
  output: z
    .enum(['json_schema', 'json_object', 'text'])
    .default('json_schema')
    .describe('how the endpoint is made to answer with a class; json_schema where it can'),
  batchSize: z.int().min(1).max(100).default(1).describe('texts in one request'),
  concurrency: z.int().min(1).default(4).describe('requests under way at once'),
  requestsPerMinute: positive.nullable().default(null).describe('most requests; null: as many as it takes'),
  timeoutSeconds: positive.default(120).describe('how long to wait for one reply'),
  retries: z.int().min(0).default(6).describe('how often a request that failed is sent again, later each time'),
  maxTokens: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('most tokens of a reply; null: the default of the endpoint'),
  tokenPrices: z
    .strictObject({ input: z.number().min(0), output: z.number().min(0) })
    .nullable()
    .default(null)
    .describe('of a million tokens, for the account of what was spent'),
  cache: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('folder in which answers are kept, so that none is paid for twice; null: the cache of the user'),
});
export type ChatOptions = z.output<typeof chatOptions>;
