//! Words that the data is made of: vendors, customers, things that connections carry.
//! Companies are invented; applications are real ones.

/// The software vendors whose workspaces these are, with the domain of their addresses.
pub const VENDORS: [(&str, &str); 6] = [
    ("Tillpoint Payments", "tillpoint.example"),
    ("Rosterly HR", "rosterly.example"),
    ("Parcelwise Logistics", "parcelwise.example"),
    ("Ledgerfold Accounting", "ledgerfold.example"),
    ("Claimstone Insurance", "claimstone.example"),
    ("Benchside Recruiting", "benchside.example"),
];

/// The vendors' customers.
pub const CUSTOMERS: [&str; 72] = [
    "Northwind Traders",
    "Acorn & Sons",
    "Aalto Shipping",
    "Bluebonnet Foods",
    "Brightwater Clinics",
    "Calder Freight",
    "Canopy Hotels",
    "Castellan Bank",
    "Cedar Hill Schools",
    "Cobalt Outdoor",
    "Corvid Media",
    "Delacroix Parfums",
    "Driftwood Surf Co.",
    "Eastgate Pharmacy",
    "Eldridge Motors",
    "Everline Apparel",
    "Fennimore Dairy",
    "Fjordline Ferries",
    "Foxglove Florists",
    "Granite State Credit Union",
    "Greenlock Energy",
    "Halcyon Spas",
    "Harborview Hospitals",
    "Hearthstone Bakeries",
    "Highfield Estates",
    "Ibis Airways",
    "Ironbridge Steel",
    "Juniper Grocers",
    "Kestrel Insurance",
    "Kobayashi Foods",
    "Lakeshore Dental",
    "Lantern Books",
    "Larkspur Travel",
    "Lindqvist Möbler",
    "Maple & Main",
    "Meridian Telecom",
    "Millbrook Council",
    "Moorland Breweries",
    "Nakamura Precision",
    "Nimbus Robotics",
    "Oakhaven Care",
    "Orchard Street Cafés",
    "Osprey Marine",
    "Pemberton Paper",
    "Pinecrest Resorts",
    "Quarry Lane Builders",
    "Quill Publishing",
    "Redwood Logistics",
    "Riverbend Utilities",
    "Rowan Legal",
    "Saltmarsh Seafood",
    "Sandpiper Retail",
    "Sierra Verde Farms",
    "Silverbirch Optics",
    "Solstice Solar",
    "Stellarway Games",
    "Stonegate Pubs",
    "Sundial Watches",
    "Tamarind Kitchens",
    "Thornbury Tools",
    "Tidewater Ports",
    "Torres Hermanos",
    "Umber Ceramics",
    "Valleyfield Vets",
    "Verity Analytics",
    "Waterloo Cycles",
    "Westbrook University",
    "Whitlock Garages",
    "Willowbank Nurseries",
    "Wrenfield Charity",
    "Yarrow Textiles",
    "Zephyr Wind",
];

/// What a connection is for, put behind the application's name.
pub const PURPOSES: [&str; 20] = [
    "settlement feed",
    "payroll export",
    "employee sync",
    "order intake",
    "invoice sync",
    "carrier rates",
    "dispute alerts",
    "candidate import",
    "GL postings",
    "refund events",
    "stock levels",
    "time-off requests",
    "customer master",
    "tax filings",
    "shipment tracking",
    "payout reports",
    "expense claims",
    "benefits enrolment",
    "warehouse events",
    "month-end close",
];

/// Where a connection points, for those that have several.
pub const ENVIRONMENTS: [&str; 6] = ["production", "sandbox", "UAT", "EU", "US", "APAC"];

/// What Workato keeps of a failed authorization.
pub const AUTHORIZATION_ERRORS: [&str; 8] = [
    "401 Unauthorized: {\"error\":\"invalid_grant\",\"error_description\":\"expired access/refresh token\"}",
    "invalid_grant: Token has been expired or revoked.",
    "403 Forbidden: INVALID_LOGIN_ATTEMPT: Invalid login attempt.",
    "400 Bad Request: {\"error\":\"invalid_client\"}",
    "Authentication failed: the API key was deleted or rotated.",
    "Net::OpenTimeout: execution expired",
    "Permission denied for user: password authentication failed",
    "AADSTS50173: The provided grant has expired due to it being revoked.",
];

/// Why a connection stopped working.
pub const LOST_REASONS: [&str; 6] = [
    "Refresh token expired",
    "401 Unauthorized",
    "invalid_grant: Token has been expired or revoked.",
    "The account's password was changed",
    "The on-prem agent is not running",
    "User access was revoked by the application's administrator",
];

/// Names that break lists which were only ever tried with good ones. `None` is a connection without a name.
pub const AWKWARD_NAMES: [Option<&str>; 8] = [
    Some("Adyen settlement feed"),
    None,
    Some("Livraison à domicile 🚚 – Zürich / 株式会社ヤマト"),
    Some("<b>Bold</b> & <script>alert('connection')</script>"),
    Some("=HYPERLINK(\"https://evil.example\",\"Click\") payroll export"),
    Some("  Kronos   (two  blanks,  and  at  the  ends)  "),
    Some("O'Brien \"Quoted\" Freight; DROP TABLE connections;--"),
    Some("@SUM(1+1)*cmd|' /C calc'!A0"),
];
