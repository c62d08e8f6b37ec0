/**
 * Where files lie that are no part of a model: directories that only this user can write ({@link
 * org.mirror4j.file.PrivateDirectory}), and the one that native libraries are unpacked into ({@link
 * org.mirror4j.file.NativeLibraries}); and what is said where a file cannot be read or written
 * ({@link org.mirror4j.file.FileException}). Depends on no other package of mirror4j.
 */
package org.mirror4j.file;
