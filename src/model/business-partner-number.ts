/** Catena-X business partner numbers (CX-0010): sixteen characters, the first four saying what is numbered. */

/** A legal entity: the owner of rows. */
export const BPNL = /^BPNL[a-zA-Z0-9]{12}$/
/** A site. */
export const BPNS = /^BPNS[a-zA-Z0-9]{12}$/
/** An address. */
export const BPNA = /^BPNA[a-zA-Z0-9]{12}$/
