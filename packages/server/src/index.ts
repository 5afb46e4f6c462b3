export { campaignApp, type AppOptions } from './app.js';
export { serveCampaign, type ServeOptions, type Serving } from './serve.js';
