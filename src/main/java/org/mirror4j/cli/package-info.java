/**
 * The command line: one command a file, options that commands share as mixins. Results go to
 * standard output, everything else to standard error; with {@code --json} standard output holds one
 * JSON object a line and nothing else.
 */
package org.mirror4j.cli;
