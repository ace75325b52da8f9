// Shows in JupyterLab when the session will end, and lets the attendee stay; images/lab/session_end.py knows when.
// JupyterLab takes it as it is, without a build: an object with `init` and `get` is what its loader asks for.
(() => {
  const AFTER_A_FAILURE_S = 30;
  const STAY = 'gilfree:stay';

  const ask = async (settings, method) => {
    const xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/);
    const answer = await fetch(`${settings.baseUrl}gilfree/session-end`, {
      method,
      cache: 'no-store',
      headers: xsrf ? { 'X-XSRFToken': xsrf[1] } : {}
    });
    if (!answer.ok) {
      throw new Error(`${answer.status}`);
    }
    return answer.json();
  };

  const activate = app => {
    const settings = app.serviceManager.serverSettings;
    let shown = null; // the notification's number

    const show = async ({ message, can_stay }) => {
      if (!message) {
        if (shown) {
          await app.commands.execute('apputils:dismiss-notification', { id: shown });
          shown = null;
        }
        return;
      }
      const actions = can_stay ? [{ label: 'Stay', commandId: STAY, displayType: 'accent' }] : [];
      if (shown) {
        await app.commands.execute('apputils:update-notification', { id: shown, message, type: 'warning' });
      } else {
        const options = { autoClose: false, actions };
        shown = await app.commands.execute('apputils:notify', { message, type: 'warning', options });
      }
    };

    const look = async () => {
      let again_s = AFTER_A_FAILURE_S;
      try {
        const notice = await ask(settings, 'GET');
        again_s = notice.ask_again_s;
        await show(notice);
      } finally {
        setTimeout(look, again_s * 1000);
      }
    };
    app.commands.addCommand(STAY, {
      label: 'Stay in this session',
      execute: () => {
        shown = null; // a click on it has closed the notification
        return ask(settings, 'POST').then(show);
      }
    });
    void app.restored.then(look);
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB['gilfree-session-end'] = {
    init: () => {},
    get: async () => () => ({
      __esModule: true,
      default: { id: 'gilfree-session-end:plugin', autoStart: true, activate }
    })
  };
})();
