import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const YesIcon = () => <Icon><path d="M5 12.5l4.6 4.6L19 7.4" /></Icon>;
export const NoIcon = () => <Icon><path d="M6.5 6.5l11 11M17.5 6.5l-11 11" /></Icon>;
export const UnsureIcon = () => <Icon><path d="M8.8 9.2a3.3 3.3 0 1 1 4.6 3c-1 .5-1.4 1.1-1.4 2.1M12 17.6v.1" /></Icon>;
export const UndoIcon = () => <Icon><path d="M8.5 5.5L4.5 9.5l4 4M4.8 9.5h9a5 5 0 0 1 0 10H9.5" /></Icon>;
export const ViewIcon = () => <Icon><path d="M4 7h9M17 7h3M4 17h3M11 17h9" /><circle cx="15" cy="7" r="2" /><circle cx="9" cy="17" r="2" /></Icon>;
export const BackIcon = () => <Icon><path d="M14.5 5.5L8 12l6.5 6.5" /></Icon>;
export const ArrowIcon = () => <Icon><path d="M4.5 12h15M13.5 6l6 6-6 6" /></Icon>;
export const CloudIcon = () => <Icon><path d="M4 4l16 16M9 6.6A5.5 5.5 0 0 1 17.4 11a3.8 3.8 0 0 1 2 6.3M15.5 18.5H7.3a4.3 4.3 0 0 1-.9-8.5" /></Icon>;
export const TasksIcon = () => <Icon><rect x="4" y="5" width="11" height="14" rx="2.5" /><path d="M18 7.5l2 .6v9.8l-2 .6" /></Icon>;
export const RoundsIcon = () => <Icon><path d="M4 19.5V4.5M4 19.5h16M7.5 15.5l4-5 3.2 2.6 4.8-6.6" /></Icon>;
export const SchemeIcon = () => <Icon><circle cx="12" cy="12" r="7.5" /><path d="M12 4.5v15M15 6v12M17.6 8.2v7.6" /></Icon>;
export const SearchIcon = () => <Icon><circle cx="10.5" cy="10.5" r="6" /><path d="M15 15l5 5" /></Icon>;
export const MapIcon = () => <Icon><circle cx="7" cy="8" r="1.8" /><circle cx="11.5" cy="5.5" r="1.2" /><circle cx="8.5" cy="13" r="1.2" /><circle cx="16.5" cy="15" r="2.2" /><circle cx="18.5" cy="9.5" r="1.2" /><circle cx="12.5" cy="18.5" r="1.2" /></Icon>;
export const ShareIcon = () => <Icon><circle cx="17.5" cy="5.5" r="2.5" /><circle cx="6.5" cy="12" r="2.5" /><circle cx="17.5" cy="18.5" r="2.5" /><path d="M8.7 10.7l6.6-3.9M8.7 13.3l6.6 3.9" /></Icon>;
export const ReviewIcon = () => <Icon><path d="M12 4.5v15M6 19.5h12M5 8.5h14M5 8.5l-2.2 5.2a3 3 0 0 0 4.4 0zM19 8.5l-2.2 5.2a3 3 0 0 0 4.4 0z" /></Icon>;
export const LiveIcon = () => <Icon><path d="M3.5 12.5h3.6l2.4-7 4.6 13 2.4-6h4" /></Icon>;
export const PlacesIcon = () => <Icon><circle cx="12" cy="12" r="8" /><path d="M4 12h16M12 4c2.6 2.2 3.8 4.9 3.8 8s-1.2 5.8-3.8 8c-2.6-2.2-3.8-4.9-3.8-8S9.4 6.2 12 4z" /></Icon>;
export const DataIcon = () => <Icon><ellipse cx="12" cy="6.5" rx="7" ry="2.8" /><path d="M5 6.5v11c0 1.5 3.1 2.8 7 2.8s7-1.3 7-2.8v-11M5 12c0 1.5 3.1 2.8 7 2.8s7-1.3 7-2.8" /></Icon>;
