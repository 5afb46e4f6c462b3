import { definePlugin } from '@quorate/core';

export default definePlugin({ name: '@quorate/plugin-formats', apiVersion: '^0.1.0', components: [] });
