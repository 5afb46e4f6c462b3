import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { AdminPage } from './admin';
import { call, type Me } from './api';
import { WorkerPage } from './worker';

function Join() {
  const [name, setName] = useState('');
  const [error, setError] = useState('');
  const invitation = location.hash.slice(1);
  const join = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const { role } = await call<{ role: string }>('join', {
        invitation,
        ...(name.trim() ? { name: name.trim() } : {}),
      });
      // The token has done its work: it shall not stay in the history.
      history.replaceState(null, '', role === 'admin' ? '/admin' : '/');
      location.reload();
    } catch (thrown) {
      setError((thrown as Error).message);
    }
  };
  if (invitation === '') {
    return (
      <main class="join">
        <h1>Quorate</h1>
        <p>Open the link that you were given: it lets you in.</p>
      </main>
    );
  }
  return (
    <main class="join">
      <h1>Welcome</h1>
      <form onSubmit={(event) => void join(event)}>
        <label>
          Your name (optional)
          <input
            autocomplete="nickname"
            maxLength={80}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Start</button>
        {error && <p role="alert">{error}</p>}
      </form>
    </main>
  );
}

function App() {
  const [me, setMe] = useState<Me | null>(null);
  const [stranger, setStranger] = useState(location.pathname === '/join');
  useEffect(() => {
    if (stranger) return;
    call<Me>('me').then(
      (who) => {
        document.title = who.title;
        setMe(who);
      },
      () => setStranger(true),
    );
  }, []);
  if (stranger) return <Join />;
  if (!me)
    return (
      <main class="join">
        <p role="status">One moment…</p>
      </main>
    );
  return location.pathname === '/admin' && me.role === 'admin' ? <AdminPage /> : <WorkerPage me={me} />;
}

render(<App />, document.getElementById('app')!);
