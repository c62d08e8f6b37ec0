/**
 * Every reader of the project against damaged files. An input is a function of its format and a
 * number, so that any ending can be repeated; it must end in success or in a refusal of the
 * project's own with one printable line, within time and memory. A new reader adds a {@link
 * org.mirror4j.fuzz.FuzzTarget}.
 */
package org.mirror4j.fuzz;
