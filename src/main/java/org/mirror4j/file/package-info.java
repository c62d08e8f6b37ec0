/**
 * Files and what surrounds them: JSON, files and directories that appear whole or not at all under
 * a lock ({@link org.mirror4j.file.AtomicFiles}, {@link org.mirror4j.file.OutputLock}), places that
 * only this user can write ({@link org.mirror4j.file.PrivateDirectory}, {@link
 * org.mirror4j.file.NativeLibraries}), and what is said of a file that is wrong or out of reach
 * ({@link org.mirror4j.file.FileException}). Depends on no other package of mirror4j.
 */
package org.mirror4j.file;
