export { budgetOf, needOf, type Budget, type Need, type PilotRun, type Staffing } from './need.js';
export { planPilot, type MethodNeed, type PilotPlan, type PilotRequest } from './pilot.js';
