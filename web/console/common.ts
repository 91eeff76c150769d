/**
 * What most screens have in common. Each names it, so that all of it is in one file beside the console's first part, not in one for
 * each set of screens that share something.
 */
import "./HostChoice";
import "./PagedList";
import "./States";
import "./TicketRow";
import "./VirtualList";
import "./parts";
import "./route";
import "./useAction";
import "./useHosts";
import "./useLoaded";
import "./usePages";
import "./when";
import "../chat/CopyButton";
import "../chat/Dialog";
import "../chat/assistant";
import "../chat/SignIn";
import "../shared/format";
import "../shared/terminal";
