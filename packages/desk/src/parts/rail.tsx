import { formatRoute, type Page } from '../models/route.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Icon, type IconName } from './icon.tsx';
import { isElsewhere } from './page.tsx';

/** The other pages are reached from the one of the team. */
const icons = { inbox: 'chat', replies: 'slash', surveys: 'chart', team: 'team' } as const satisfies Partial<
  Record<Page, IconName>
>;
const isBelowTeam = (page: Page): boolean => !(page in icons);

/** The pages of the desk: at the side, or below where there is no room for that. */
export function Rail() {
  const { routing, screen, surveysPage, offers } = useDesk();
  const here = routing.route.value;
  const pages: readonly (keyof typeof icons)[] = surveysPage.isAllowed.value
    ? ['inbox', 'replies', 'surveys', 'team']
    : ['inbox', 'replies', 'team'];
  const offered = offers.rows.value.length;
  return (
    <nav class="rail" aria-label={texts.pages.label}>
      {pages.map((page) => (
        <a
          key={page}
          class="rail-link"
          href={
            page === 'inbox' ? formatRoute({ view: here.view, conversation: null }) : formatRoute({ page, detail: '' })
          }
          aria-current={here.page === page ? 'page' : page === 'team' && isBelowTeam(here.page) ? 'true' : undefined}
          onClick={(event) => {
            if (isElsewhere(event)) return;
            event.preventDefault();
            if (page !== 'inbox') return routing.go({ page });
            if (here.page !== 'inbox') routing.go({ view: here.view });
            screen.focusOn('list');
          }}
        >
          <span class="rail-icon">
            <Icon name={icons[page]} />
            {page === 'inbox' && offered > 0 && (
              <span class="rail-badge">
                <span aria-hidden="true">{offered}</span>
              </span>
            )}
          </span>
          <span>{texts.pages[page]}</span>
          {page === 'inbox' && offered > 0 && <span class="unseen"> {texts.pages.offered(offered)}</span>}
        </a>
      ))}
    </nav>
  );
}
