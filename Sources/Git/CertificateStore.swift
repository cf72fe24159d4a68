/// Stands in for the function of mbed TLS with which libgit2 reads the system's certificates.
///
/// libgit2 as Debian builds it parses the whole bundle of certificate authorities when it starts,
/// though gate never lets it use the network: more than half of all that a hook would do
/// (docs/decisions/certificates.md). The dynamic linker looks for a function in the program before
/// it looks in libraries, so libgit2 finds this one, which reads nothing and says that all went
/// well. With no authority known, a TLS connection through libgit2 could only fail.
///
/// Where libgit2 is built with another TLS library, nobody calls it.
@_cdecl("mbedtls_x509_crt_parse_file")
public func readNoCertificates(_ chain: OpaquePointer?, _ path: UnsafePointer<CChar>?) -> CInt {
    0
}
