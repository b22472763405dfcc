import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isWrite } from '../../../operators/runtime/api-call.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer, type SimulatedCall } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';
import { FLEET, type Fleet, FleetOperator } from './fleet-operator.js';

const HOUR = 3_600_000;

/** What becomes of a call, or happens just before it. */
const FATES = ['ok', 'conflict', 'busy', 'down', 'lost answer', 'slow', 'cut', 'forget', 'never answered'] as const;
type FateName = (typeof FATES)[number];

/** A server with an operator on it, and people who change what they wish for. */
class World {
  readonly clock = new ManualClock();
  readonly server = new SimulatedApiServer({ clock: this.clock });
  /** Fates of the next calls; then all goes well. */
  readonly fates: FateName[] = [];
  readonly writes: SimulatedCall[] = [];
  /** Whether fleets can be written but not watched. */
  blind = false;
  operator = this.#newOperator();
  #stop = new AbortController();
  #running = Promise.resolve();

  constructor() {
    this.server.onCall = (call) => this.#fateOf(call);
  }

  start(): void {
    this.#stop = new AbortController();
    this.operator = this.#newOperator();
    this.#running = this.operator.run(this.#stop.signal);
  }

  /** A new operator while the old one still ends, as when its process is replaced. */
  restart(): void {
    this.#stop.abort();
    this.start();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.clock.advance(30_000);
    await this.#running;
  }

  wish(name: string, size: number | undefined): void {
    const id = { namespace: 'sea', name };
    if (size === undefined) this.server.remove(FLEET, id);
    else this.server.put<Fleet>(FLEET, { ...this.server.read<Fleet>(FLEET, id), metadata: id, spec: { size } });
  }

  sink(name: string): void {
    this.server.remove(RESOURCE.configMap, { namespace: 'sea', name });
  }

  /** What is there: the names of all ships, and the status of all fleets. */
  state(): unknown {
    return {
      ships: this.server.objects(RESOURCE.configMap).map(({ metadata }) => metadata.name),
      ready: this.server.objects<Fleet>(FLEET).map(({ metadata, status }) => [metadata.name, status?.ready]),
    };
  }

  /** What should be there. */
  wished(): unknown {
    const fleets = this.server
      .objects<Fleet>(FLEET)
      .map(({ metadata, spec }) => [metadata.name, spec?.size ?? 0] as const);
    return {
      ships: fleets.flatMap(([name, size]) => Array.from({ length: size }, (_, n) => `${name}-${n}`)),
      ready: fleets,
    };
  }

  #newOperator(): FleetOperator {
    return new FleetOperator(this.server.api(), this.clock, () => 0.5);
  }

  async #fateOf(call: SimulatedCall): Promise<ApiError | 'lost answer' | undefined> {
    if (isWrite(call.verb)) this.writes.push(call);
    if (this.blind && call.verb === 'watch' && call.resource === FLEET) return new ApiError('Unavailable', 'down');
    switch (this.fates.shift()) {
      case 'conflict':
        return isWrite(call.verb)
          ? new ApiError('Conflict', 'the object has been modified', { status: 409 })
          : undefined;
      case 'busy':
        return new ApiError('TooManyRequests', 'busy', { status: 429, retryAfterSeconds: 3 });
      case 'down':
        return new ApiError('Unavailable', 'down', { status: 503 });
      case 'lost answer':
        return isWrite(call.verb) ? 'lost answer' : new ApiError('ConnectionLost', 'the connection was reset');
      case 'slow':
        await this.clock.sleep(2000);
        return undefined;
      case 'cut':
        this.server.breakWatches();
        return undefined;
      case 'forget':
        this.server.breakWatches();
        this.server.put(RESOURCE.node, { metadata: { name: 'n', labels: { at: this.server.resourceVersion } } });
        this.server.compact();
        return undefined;
      case 'never answered':
        return isWrite(call.verb) ? new Promise(() => undefined) : undefined;
      default:
        return undefined;
    }
  }
}

const fleet = fc.constantFrom('a', 'b');
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('wish' as const), fleet, size: fc.option(fc.nat({ max: 4 }), { nil: undefined }) }),
    fc.record({ do: fc.constant('sink' as const), fleet, number: fc.nat({ max: 3 }) }),
    fc.record({ do: fc.constant('restart' as const) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 10, 1500, 45_000) }),
  ),
  { minLength: 3, maxLength: 15, size: 'max' },
);

describe('a controller fed by caches', () => {
  it('reaches what is wished, and then writes nothing and is called for nothing, its own status writes included', async () => {
    const world = new World();
    world.wish('a', 3);
    world.start();
    await world.clock.advance(10_000);
    expect(world.state()).toEqual({ ships: ['a-0', 'a-1', 'a-2'], ready: [['a', 3]] });
    const [writes, reconciles] = [world.writes.length, world.operator.reconciles];
    await world.clock.advance(6 * HOUR);
    expect([world.writes.length, world.operator.reconciles]).toEqual([writes, reconciles]);
    await world.stop();
    expect(world.clock.sleeping).toBe(0);
  });

  it('restores what somebody destroyed, while the connection of its watches is cut again and again', async () => {
    const world = new World();
    world.wish('a', 2);
    world.start();
    await world.clock.advance(10_000);
    for (let n = 0; n < 5; n++) {
      world.server.breakWatches();
      world.sink('a-1');
      await world.clock.advance(40_000);
      expect(world.state()).toEqual(world.wished());
    }
    await world.stop();
  });

  it('decides nothing on a copy that does not show its own last write', async () => {
    const world = new World();
    world.wish('a', 1);
    world.start();
    await world.clock.advance(10_000);
    world.blind = true;
    world.server.breakWatches();
    world.writes.length = 0;
    for (let n = 0; n < 3; n++) {
      world.sink('a-0');
      await world.clock.advance(5000);
    }
    expect(world.writes.map(({ verb }) => verb)).toEqual(['create', 'apply']);
    world.blind = false;
    await world.clock.advance(60_000);
    expect(world.state()).toEqual(world.wished());
    await world.stop();
  });

  it.each(FATES)('gets there when each call in turn meets this: %s', async (fate) => {
    const calls = 25;
    for (let number = 0; number < calls; number++) {
      const world = new World();
      world.wish('a', 2);
      world.fates.push(...Array.from({ length: number }, () => 'ok' as const), fate);
      world.start();
      await world.clock.advance(20_000);
      world.wish('a', 1);
      await world.clock.advance(3 * 60_000);
      expect(world.state()).toEqual({ ships: ['a-0'], ready: [['a', 1]] });
      await world.stop();
    }
  });

  it('gets there and stays there after any sequence of wishes, losses, restarts and faults', async () => {
    const fates = fc.array(fc.constantFrom(...FATES, 'ok' as const, 'ok' as const), { maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, fates, async (sequence, trouble) => {
        const world = new World();
        world.wish('a', 2);
        world.start();
        world.fates.push(...trouble);
        for (const step of sequence) {
          if (step.do === 'wish') world.wish(step.fleet, step.size);
          else if (step.do === 'sink') world.sink(`${step.fleet}-${step.number}`);
          else if (step.do === 'pass') await world.clock.advance(step.ms);
          else world.restart();
        }
        world.fates.length = 0;
        await world.clock.advance(30 * 60_000);
        expect(world.state()).toEqual(world.wished());
        const [writes, reconciles] = [world.writes.length, world.operator.reconciles];
        await world.clock.advance(2 * HOUR);
        expect([world.writes.length, world.operator.reconciles]).toEqual([writes, reconciles]);
        await world.stop();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
